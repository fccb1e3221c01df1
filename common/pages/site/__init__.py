"""The static site: a page per paper, the provenance of each table cell, and the front page."""
