"""The reasons for refusing something that was sent: a code for scripts and a sentence for people."""

from typing import Literal

from akrim.errors import UserError

Code = Literal[
    "no_manifest", "no_keys", "unsigned", "unknown_key", "replaced_key", "altered", "truncated", "missing", "extra",
    "outside", "other_centre", "recalled", "superseded", "expired", "older", "not_sealed", "sealed_for_others",
    "not_from_base", "erased", "no_notice", "too_large",
]  # fmt: skip

ASK_AGAIN = "Do not use it; ask for the release again."
CALL = "Do not use it; call the sender."


class Refused(UserError):
    """A release, a sealed file or a statement that may not be used."""

    def __init__(self, code: Code, what: str, where: str = "", next_step: str = ASK_AGAIN) -> None:
        super().__init__(what, where, next_step)
        self.code = code


def other_centres(recipient: object, centre: str | None, where: str) -> Refused:
    """What is another centre's: whoever has it now should not, so that it is not to be asked for again."""
    whose = f"{recipient}'s" if recipient else "the whole release, no centre's"
    what = f"It is {whose}; these are the keys of {centre}."
    return Refused("other_centre", what, where, "Delete it, and tell the installation.")
