"""How glibc allocates in the processes that train.

torch allocates and frees the same few megabytes at every layer. glibc would hand them back to the system each
time and fault them in again; told to keep them, in huge pages, a step takes about a fifth less.
"""

TUNABLES = ":".join(
    f"glibc.malloc.{name}"
    for name in ("hugetlb=1", "trim_threshold=1000000000", "mmap_threshold=1000000000", "top_pad=268435456")
)
"""The value of the environment variable GLIBC_TUNABLES; only a process that starts with it is changed."""
