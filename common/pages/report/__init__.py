"""The report: a paper's claims, tables and figures as a typeset PDF, from the same data as its page."""
