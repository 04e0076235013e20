"""Errors that pages say in their reader's language."""

from akrim.characters import visible
from akrim.errors import UserError
from akrim.texts import texts


class SaidError(UserError):
    """An error whose sentences stand in the texts, so that a page says it in its reader's language; elsewhere in English.

    Args:
        code: its name in `messages.errors`.
        said: what the sentences' places hold.
    """

    def __init__(self, code: str, where: str = "", **said: str) -> None:
        self.code = code
        self.said = said
        super().__init__(*self.sentences("en")[:1], where, *self.sentences("en")[1:])

    def sentences(self, language: str) -> tuple[str, str]:
        """What is wrong and what to do about it, in that language."""
        told = texts(language, "messages")["errors"][self.code]
        return told["what"].format(**self.said), told["next"].format(**self.said)


def require_reason(by: str, reason: str, where: str = "--by, --reason") -> None:
    """Raises SaidError where a decision has no name or no reason that can be seen: both are kept with it, and are asked for later."""
    if not all(any(visible(c) == c and not c.isspace() for c in text) for text in (by, reason)):
        raise SaidError("decision_without_reason", where)
