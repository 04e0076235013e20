"""Takes a release back: the centres are told, and the catalogue names it no more."""

from akrim.releases.dcat import write_catalogue
from akrim.sending import recall_release


def recall(release_id: str, by: str, reason: str) -> None:
    """Recall a release that is out; see `akrim.sending.recall_release`. `deliver` sends the notices."""
    recall_release(release_id, by, reason)
    write_catalogue()
