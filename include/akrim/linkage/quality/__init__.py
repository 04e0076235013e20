"""How right linkage is: figures of a release, samples for clerks, and how far clerks agree."""

from akrim.linkage.quality.drift import Drift
from akrim.linkage.quality.metrics import Figure, Quality, read_course, read_quality
from akrim.linkage.quality.review_samples import draw_sample
from akrim.linkage.quality.second_readings import agreement, pairs_to_read_again

__all__ = [
    "Drift",
    "Figure",
    "Quality",
    "agreement",
    "draw_sample",
    "pairs_to_read_again",
    "read_course",
    "read_quality",
]
