"""Takes a release back: the centres are told, and the catalogue names it no more."""

from akrim.releases.dcat import write_catalogue
from akrim.sending import withdraw_release


def recall(release_id: str, by: str, reason: str) -> None:
    """Withdraw a release that is out; see `akrim.sending.withdraw_release`. `deliver` sends the notices."""
    withdraw_release(release_id, by, reason)
    write_catalogue()
