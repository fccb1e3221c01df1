"""Tables: their definition, their cells, the published numbers beside them, and the files written."""
