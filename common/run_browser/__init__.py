"""The records as runs in MLflow: a view for browsing and searching that can be made again at any time."""
