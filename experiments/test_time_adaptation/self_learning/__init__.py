"""If your data distribution shifts, use self-learning (Rusak et al., TMLR 2022, arXiv 2104.12928)."""
