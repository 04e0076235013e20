"""How old each agency's data are: a table, and a warning where they are missing, empty, shrunken or too old."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta

from akrim.contracts import DECISIONS_SENDER
from akrim.report.blocks import Block, Content, Heading, Table, Text, columns
from akrim.report.profile.facts import Row, rows_by
from akrim.report.wording import DASH, Words
from akrim.rules import Rule
from akrim.sharing import Tables


def delivered_ages(tables: Tables) -> list[Row]:
    """The ages of what agencies deliver: centres send decisions only when they have some, so none is not a missing delivery."""
    return [row for row in tables["delivery_ages"].to_pylist() if row["agency"] != DECISIONS_SENDER]


def ages_with_extracts(tables: Tables) -> tuple[list[Row], dict[str, list[Row]]]:
    """The same, and the rows of each agency's extracts."""
    ages = delivered_ages(tables)
    return ages, rows_by(tables["extract_ages"], "agency", {row["agency"] for row in ages})


def ages_table(
    rows: list[Row], extracts: Mapping[str, list[Row]], as_of: date, words: Words, rules: Sequence[Rule] = ()
) -> Sequence[Block]:
    """Each agency's newest delivery, up to which day its facts go, and its state.

    What is out of the ordinary in its extracts is told where they are, with those of the rules that rest on it.
    """
    header = columns(
        words, ages_agency=("heading", 1), ages_period="short", ages_until="short", ages_state="short"
    )
    # Below the agency's name there is room: on paper beside the state they would leave none for the name.
    lines: list[Sequence[Content]] = [
        (
            (
                words.agency(row["agency"]),
                *(
                    Text(told, "below")
                    for told in _extraordinary(row, extracts.get(row["agency"], []), words, rules)
                ),
            ),
            row["newest_period"] or DASH,
            DASH if row["days_old"] is None else words.day(as_of - timedelta(days=row["days_old"])),
            _state_in_words(row, words),
        )
        for row in rows
    ]
    return Heading(words("ages")), Table(header, lines)


def _state_in_words(age: Row, words: Words) -> Text:
    state = "fresh" if age["state"] in {"changed", "first"} else state_of(age)
    return Text(words(f"age_{state}"), "" if state == "fresh" else "strong", sign=state)


def ages_point(rows: list[Row], extracts: dict[str, list[Row]], words: Words) -> str:
    """In a sentence: what is out of the ordinary in the deliveries, or that nothing is; empty where a warning says what is wrong."""
    if not rows or ages_warning(out_of_order(rows, extracts), words):
        return ""
    unusual = [
        f"{words.agencies(row['agency'])[0]} ({', '.join(told)})"
        for row in rows
        if (told := list(_extraordinary(row, extracts[row["agency"]], words)))
    ]
    return words("point_data_unusual", unusual="; ".join(unusual)) if unusual else words("point_data_usual")


def state_of(age: Row) -> str:
    """The state of an agency's data; `late` where it has delivered before, and not for the release's period."""
    return "late" if age["state"] == "missing" and not age["is_missing"] else str(age["state"])


def out_of_order(rows: list[Row], extracts: dict[str, list[Row]]) -> dict[str, set[str | None]]:
    """What is wrong with each agency's data: with all of it, or else with some extract."""
    reasons = {row["agency"]: {e["unavailable_because"] for e in extracts[row["agency"]]} for row in rows}
    for row in rows:
        if row["is_missing"] or row["is_stale"]:
            reasons[row["agency"]] = {"missing" if row["is_missing"] else "stale"}
        elif state_of(row) == "late":
            reasons[row["agency"]].add("late")
    return reasons


def ages_warning(reasons: Mapping[str, Collection[str | None]], words: Words) -> str:
    """Which agencies' data are missing, late, empty, shrunken or too old; empty where none are.

    Args:
        reasons: which of these words hold of each agency.
    """
    concerned = {
        reason: words.agencies(",".join(agency for agency, found in reasons.items() if reason in found))
        for reason in ("missing", "late", "empty", "shrunken", "stale")
    }
    return " ".join(
        words(f"ages_warning_{reason}", agencies=words.listing(agencies))
        for reason, agencies in concerned.items()
        if agencies
    )


def _extraordinary(age: Row, extracts: list[Row], words: Words, rules: Sequence[Rule] = ()) -> Iterator[str]:
    """The agency's extracts that are not simply newer than before, each in a line; what holds for the agency is said of it."""
    if age["is_missing"]:
        return
    for row in sorted(extracts, key=lambda row: row["extract"]):
        state = (
            "stale" if row["is_stale"] and row["state"] in {"missing", "changed", "first"} else row["state"]
        )
        if state in {"changed", "first", "missing"} or (state == "stale" and age["is_stale"]):
            continue
        name = words.extract(age["agency"], row["extract"])
        told = words("extract_told", extract=name, state=words.extract_state(state, row))
        used = [words.rule_name(r.code) for r in rules if f"{age['agency']}/{row['extract']}" in r.extracts]
        told = words("extract_confirmed", state=told) if row["is_confirmed"] else told
        yield words("extract_used", state=told, rules=words.listing(used)) if used else told
