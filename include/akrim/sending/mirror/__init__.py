"""The mirror: every published release once more, as it lies in the home folder, where other machines read it."""

from akrim.sending.mirror.keeping import compare_mirror, keep_mirror

__all__ = ["compare_mirror", "keep_mirror"]
