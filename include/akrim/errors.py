"""Errors that a person can act on, told apart from defects, which keep their traceback."""


class UserError(Exception):
    """Something the user can put right.

    Args:
        what: what is wrong, in one sentence, without personal data.
        where: the file, setting or id that is concerned.
        next_step: what to do about it.
    """

    def __init__(self, what: str, where: str = "", next_step: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.next_step = next_step

    def __str__(self) -> str:
        return "\n".join(
            line
            for line in (
                self.what,
                f"  where: {self.where}" if self.where else "",
                f"  next:  {self.next_step}" if self.next_step else "",
            )
            if line
        )


class Unreachable(UserError):
    """Something that may answer again by itself, such as a database that is being restarted."""
