"""Effects as sentences, in the two languages of the reports."""

from dataclasses import dataclass
from typing import Literal

from akrim.changes.effects import Effect
from akrim.changes.lines import Line
from akrim.rules import Rule

Language = Literal["nb", "en"]

QUOTES = ("«{}»", "“{}”")

CAUSES = {
    "source": ("Nye opplysninger", "New information"),
    "linkage": ("Oppføringer er koblet på en annen måte", "Records are linked in another way"),
    "link_decision": ("En saksbehandler har avgjort en kobling", "A clerk has decided on a link"),
    "rule": ("En regel er endret", "A rule has changed"),
    "correction": ("En opplysning er bestridt eller rettet", "A fact is disputed or corrected"),
    "prioritisation": ("Ledergruppens beslutning", "The management team’s decision"),
    "code": ("Programvaren er endret", "The software has changed"),
    "erasure": ("Opplysninger er slettet", "Data have been erased"),
}
SENTENCES = {
    "arrives": ("hører nå til senterets personer", "is now one of the centre’s persons"),
    "goes": ("hører ikke lenger til senterets personer", "is no longer one of the centre’s persons"),
    "proposed": ("foreslått status {0} → {1}", "proposed status {0} → {1}"),
    "status": ("status {0} → {1}", "status {0} → {1}"),
    "place": (
        "plass {0} → {1} fordi andres poeng er endret",
        "place {0} → {1} because others’ points changed",
    ),
    "none": ("ingen", "none"),
}


@dataclass(frozen=True)
class Wording:
    """The names of indicators and statuses, by code."""

    indicators: dict[str, tuple[str, str]]
    statuses: dict[str, tuple[str, str]]

    @classmethod
    def of(cls, rules: list[Rule], labels: list[dict[str, str]]) -> "Wording":
        return cls(
            {rule.code: (rule.name_nb, rule.name_en) for rule in rules},
            {
                row["code"]: (row["label_nb"], row["label_en"])
                for row in labels
                if row["code_list"] == "status"
            },
        )

    def detail(self, effect: Effect, language: Language) -> str:
        """The effect as one sentence."""
        place = 0 if language == "nb" else 1
        parts = [*self._arrival(effect, place), *self._points(effect, place), *self._statuses(effect, place)]
        if not parts and effect.before and effect.after:
            parts = [_sentence("place", place, effect.before.rank or "–", effect.after.rank or "–")]
        details = "; ".join(parts)
        return f"{CAUSES[effect.cause][place]}: {details}." if details else f"{CAUSES[effect.cause][place]}."

    def _arrival(self, effect: Effect, place: int) -> list[str]:
        if effect.cause in ("linkage", "link_decision") or (effect.before is None) == (effect.after is None):
            return []
        return [_sentence("arrives" if effect.before is None else "goes", place)]

    def _points(self, effect: Effect, place: int) -> list[str]:
        before, after = (_points_of(line) for line in (effect.before, effect.after))
        differences = {code: after.get(code, 0) - before.get(code, 0) for code in {*before, *after}}
        details = sorted(differences.items(), key=lambda entry: (-abs(entry[1]), entry[0]))
        return [
            f"{QUOTES[place].format(self.indicators.get(code, (code, code))[place])} {'+' if number > 0 else '−'}{abs(number)}"
            for code, number in details
            if number
        ]

    def _statuses(self, effect: Effect, place: int) -> list[str]:
        parts = []
        for key, name in (("proposed", "proposed_status"), ("status", "status")):
            before, after = (getattr(line, name, None) for line in (effect.before, effect.after))
            if before != after and effect.before and effect.after:
                parts.append(_sentence(key, place, self._status(before, place), self._status(after, place)))
        return parts

    def _status(self, code: str | None, place: int) -> str:
        if code is None:
            return SENTENCES["none"][place]
        return self.statuses.get(code, (code, code))[place].lower()


def _points_of(line: Line | None) -> dict[str, int]:
    return line.points if line else {}


def _sentence(key: str, place: int, *values: object) -> str:
    return SENTENCES[key][place].format(*values)
