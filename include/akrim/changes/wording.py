"""What a cause did to a person's line: as facts, which are recorded, and as one sentence of them, in any language."""

from collections.abc import Collection, Mapping
from typing import Any

from akrim.changes.effects import Effect
from akrim.changes.lines import Line
from akrim.texts import LANGUAGES_OF_MARTS, Language, labels, texts

MEMBERSHIP, RULES, STATUSES = "membership", "rules", ("proposed_status", "status")
FACTS = (MEMBERSHIP, RULES, *STATUSES)
DETAILS = tuple(f"detail_{language}" for language in LANGUAGES_OF_MARTS)


def facts(
    effect: Effect, unreached: Collection[str] = (), was_unreached: Collection[str] = ()
) -> dict[str, Any]:
    """What the effect changed, as docs/changes.md describes a cause: points by rule, statuses, and whether the person came or went.

    Args:
        unreached: the rules that the agencies' data let nobody be checked by any more.
        was_unreached: those by which nobody could be checked the time before.
    """
    before, after = effect.before, effect.after
    told: dict[str, Any] = {RULES: _rules(before, after)}
    for rule in told[RULES] if effect.cause == "source" else ():
        # What an agency has delivered no more, or too long ago, has not ceased; nor has what it delivers again happened since.
        if after and rule["indicator_code"] in unreached and rule["points"] < 0:
            rule["checked"] = "unavailable"
        elif before and rule["indicator_code"] in was_unreached and rule["points"] > 0:
            rule["checked_before"] = "unavailable"
    if (before is None) != (after is None):
        told[MEMBERSHIP] = "arrives" if before is None else "goes"
    for name in STATUSES:
        was, is_now = getattr(before, name, None), getattr(after, name, None)
        if before and after and was != is_now:
            told[name] = {"before": was, "after": is_now}
    return told


def in_words(cause: Mapping[str, Any]) -> dict[str, str]:
    """The cause with its detail, in the languages of the marts: `detail_nb` and so on."""
    words = {language: texts(language, "messages")["changes"]["causes"] for language in LANGUAGES_OF_MARTS}
    details = {language: detail(cause, language) for language in LANGUAGES_OF_MARTS}
    return {
        f"detail_{language}": f"{words[language][cause['cause']]}: {told}."
        if told
        else f"{words[language][cause['cause']]}."
        for language, told in details.items()
    }


def detail(cause: Mapping[str, Any], language: Language) -> str:
    """What the cause changed, in that language; nothing where that cannot be said.

    Args:
        cause: its facts, and its places `rank_before` and `rank_after`.
    """
    # A release that was held while akrim was renewed has its causes in the words of that time alone.
    if RULES not in cause:
        return ""
    parts = [*came_or_went(cause, language), *_points(cause, language), *_statuses(cause, language)]
    if not parts and MEMBERSHIP not in cause:
        words = texts(language, "messages")["changes"]
        parts = [words["place"].format(cause["rank_before"] or "–", cause["rank_after"] or "–")]
    return "; ".join(parts)


def came_or_went(cause: Mapping[str, Any], language: Language) -> list[str]:
    """That the person is now one of the centre's, or no longer; nothing of who is neither."""
    # Records that are joined otherwise bring nobody into an area.
    if MEMBERSHIP not in cause or cause["cause"] in ("linkage", "link_decision"):
        return []
    return [texts(language, "messages")["changes"][cause[MEMBERSHIP]]]


def _rules(before: Line | None, after: Line | None) -> list[dict[str, Any]]:
    """What each rule adds or takes, the most first."""
    was, is_now = (line.points if line else {} for line in (before, after))
    differences = {code: is_now.get(code, 0) - was.get(code, 0) for code in {*was, *is_now}}
    return [
        {"indicator_code": code, "points": number}
        for code, number in sorted(differences.items(), key=lambda entry: (-abs(entry[1]), entry[0]))
        if number
    ]


def _points(cause: Mapping[str, Any], language: Language) -> list[str]:
    quoted, named = texts(language, "language")["quoted"], labels(language)
    words = texts(language, "messages")["changes"]
    notes = {"checked": f" ({words['unchecked']})", "checked_before": f" ({words['unchecked_before']})"}
    return [
        f"{quoted.format(named.get(('rule', rule['indicator_code']), rule['indicator_code']))}"
        f" {'+' if rule['points'] > 0 else '−'}{abs(rule['points'])}{''.join(notes[key] for key in notes if key in rule)}"
        for rule in cause[RULES]
    ]


def _statuses(cause: Mapping[str, Any], language: Language) -> list[str]:
    words = texts(language, "messages")["changes"]
    parts = []
    for name, key in zip(STATUSES, ("proposed", "status"), strict=True):
        if moved := cause.get(name):
            named = (
                _status(moved[time], language) if moved[time] else words["none"]
                for time in ("before", "after")
            )
            parts.append(words[key].format(*named))
    return parts


def _status(code: str, language: Language) -> str:
    return labels(language).get(("status", code), code).lower()
