"""The paper's network, and one network in which token mixers are exchanged."""
