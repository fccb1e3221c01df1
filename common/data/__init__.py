"""Data sets: where they come from, how they are checked and prepared, and how runs read them."""

from common.data.manifests import array_files, content_hash

__all__ = ["array_files", "content_hash"]
