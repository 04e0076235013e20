"""Effects as sentences, in every language of the reports."""

from typing import Any

from akrim.changes.effects import Effect
from akrim.changes.lines import Line
from akrim.texts import LANGUAGES, Language, labels, texts


def in_words(effect: Effect) -> dict[str, str]:
    """The effect as one sentence, in every language: `detail_nb` and so on."""
    return {f"detail_{language}": _detail(effect, language) for language in LANGUAGES}


def _detail(effect: Effect, language: Language) -> str:
    words = texts(language, "messages")["changes"]
    parts = [*_arrival(effect, words), *_points(effect, language), *_statuses(effect, language)]
    if not parts and effect.before and effect.after:
        parts = [words["place"].format(effect.before.rank or "–", effect.after.rank or "–")]
    details = "; ".join(parts)
    cause = words["causes"][effect.cause]
    return f"{cause}: {details}." if details else f"{cause}."


def _arrival(effect: Effect, words: dict[str, Any]) -> list[str]:
    if effect.cause in ("linkage", "link_decision") or (effect.before is None) == (effect.after is None):
        return []
    return [words["arrives" if effect.before is None else "goes"]]


def _points(effect: Effect, language: Language) -> list[str]:
    before, after = (_points_of(line) for line in (effect.before, effect.after))
    differences = {code: after.get(code, 0) - before.get(code, 0) for code in {*before, *after}}
    details = sorted(differences.items(), key=lambda entry: (-abs(entry[1]), entry[0]))
    quoted = texts(language, "language")["quoted"]
    return [
        f"{quoted.format(labels(language).get(('rule', code), code))} {'+' if number > 0 else '−'}{abs(number)}"
        for code, number in details
        if number
    ]


def _statuses(effect: Effect, language: Language) -> list[str]:
    words = texts(language, "messages")["changes"]
    parts = []
    for key, name in (("proposed", "proposed_status"), ("status", "status")):
        before, after = (getattr(line, name, None) for line in (effect.before, effect.after))
        if before != after and effect.before and effect.after:
            named = (_status(code, language) if code else words["none"] for code in (before, after))
            parts.append(words[key].format(*named))
    return parts


def _status(code: str, language: Language) -> str:
    return labels(language).get(("status", code), code).lower()


def _points_of(line: Line | None) -> dict[str, int]:
    return line.points if line else {}
