"""One thing to tell whoever runs the pipeline: ids, codes and dates, and nothing about any person."""

import hashlib
import json
from collections.abc import Iterable
from typing import NamedTuple

from akrim.settings import get_settings
from akrim.texts import Language, texts


class Alert(NamedTuple):
    """A sentence of the texts, what to do, and where the runbook says more; two with the same values are one.

    `kind` is one of `alerts.kinds` in `messages.yml`, and a heading of docs/runbook.md.
    """

    kind: str
    values: dict[str, str]

    @property
    def key(self) -> str:
        return hashlib.sha256(json.dumps(self, sort_keys=True).encode()).hexdigest()[:32]

    @property
    def is_known(self) -> bool:
        """Whether it can be told: another version may have kinds of its own, and other values of one that both have."""
        try:
            self.what("en")
            self.advice("en")
        except KeyError:
            return False
        return True

    @property
    def runbook(self) -> str:
        return f"{get_settings().runbook}#{self.kind}"

    def what(self, language: Language) -> str:
        return self._text(language, "what")

    def advice(self, language: Language) -> str:
        return self._text(language, "next")

    def _text(self, language: Language, part: str) -> str:
        return str(texts(language, "messages")["alerts"]["kinds"][self.kind][part].format(**self.values))


def by_advice(alerts: Iterable[Alert], language: Language) -> list[list[Alert]]:
    """Those of one kind with the same advice together, for which it is told once."""
    same: dict[tuple[str, str], list[Alert]] = {}
    for alert in alerts:
        same.setdefault((alert.kind, alert.advice(language)), []).append(alert)
    return list(same.values())
