"""Records: the JSON files that runs leave behind, and the views derived from them."""
