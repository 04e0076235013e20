"""What the national part tells in numbers, with small ones hidden: counts by centre, the situation, the goals and the rest.

Nothing here reads a database: rows in, rows out.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from akrim.contracts import DISMISSED, NATIONAL, WITHOUT_CENTRE, centres, statuses
from akrim.sharing.national.small_numbers import (
    COMPARABLE,
    FEWEST,
    HIDDEN,
    Range,
    hide_in_total,
    hide_small,
    is_small,
    may_show_share,
    shown_shares,
    summed,
)

Row = dict[str, Any]
Cell = tuple[str, str, str]
Counts = dict[Cell, Range]

ALL, OTHER = "all", "other"
CONSIDERED = ("considered", ALL)
# Each person on a list is in one of these, and whoever is dismissed in the last.
DECIDED = tuple(("decided", status) for status in statuses() if status != DISMISSED)
PROPOSED = tuple(("proposed", status) for status in (*(s for _, s in DECIDED), "none"))
DISMISSALS = ("decided", DISMISSED)
SITUATION = {"M1": DECIDED, "M2": DECIDED[:2], "M3": DECIDED[2:]}
KEY_ACTORS = DECIDED[0]
# Units that are persons or may be, and what is made about one person each or may be.
OF_PERSONS = ("persons", "principals", "cases", "controls", "reports")
SHARES = ("M4", "M5", "M9")


def counts_told(rows: Iterable[Row]) -> Counts:
    """The counts of national_counts as they are told, with the sums of what is told."""
    counted = {(row["scope"], row["kind"], row["code"]): row["persons"] for row in rows}
    scopes = (*centres(), WITHOUT_CENTRE)
    found: Counts = {}
    for kind, code in (CONSIDERED, *DECIDED, DISMISSALS, *PROPOSED):
        parts = {scope: counted.get((scope, kind, code), 0) for scope in scopes}
        found |= {(scope, kind, code): hide_small(number) for scope, number in parts.items()}
        found[NATIONAL, kind, code] = hide_in_total(parts.values(), counted.get((NATIONAL, kind, code), 0))
    several = counted.get((NATIONAL, "several_lists", ALL), 0)
    if is_small(several):
        found |= _without_overlap(found, scopes)
    found[NATIONAL, "several_lists", ALL] = hide_small(several)
    for scope in (*scopes, NATIONAL):
        for name, cells in (("actors", DECIDED), ("listed", (*DECIDED, *PROPOSED))):
            found[scope, name, ALL] = summed(found[scope, *cell] for cell in cells)
    municipalities = {code: n for (_, kind, code), n in counted.items() if kind == "municipality"}
    return found | _municipalities(municipalities, found[WITHOUT_CENTRE, "listed", ALL])


def measures_told(situation: Iterable[Row], goals: Iterable[Row], counts: Counts) -> Iterator[Row]:
    """The situation table and the goals, nationally; of the situation the number of actors and shares by centre too."""
    by_measure: dict[str, dict[str, Row]] = {}
    for row in situation:
        if row["base"] == ALL:
            by_measure.setdefault(row["measure"], {})[row["scope"]] = row
    for measure, rows in sorted(by_measure.items()):
        yield from _situation(measure, rows, counts)
    national = sorted((row for row in goals if row["scope"] == NATIONAL), key=_partition)
    for _, group in groupby(national, key=_partition):
        yield from _goals(list(group), counts)


def fairness_told(disparities: Iterable[Row]) -> Iterator[Row]:
    """The ratios of subgroups: none of a characteristic one of whose subgroups has fewer than five who are listed, or not."""
    rows = sorted(
        (r for r in disparities if r["person_count"] is not None and r["characteristic"] != ALL),
        key=lambda row: row["characteristic"],
    )
    for _, found in groupby(rows, key=lambda row: row["characteristic"]):
        group = list(found)
        is_told = all(
            row["assessed_count"] >= FEWEST and may_show_share(row["assessed_count"], row["person_count"])
            for row in group
        )
        for row in group:
            yield {
                **{name: row[name] for name in ("characteristic", "subgroup", "missed_links_pct", "wrong_links_pct")},
                "ratio_to_all": round(float(row["ratio_to_all"]), 1) if is_told else None,
            }  # fmt: skip


def efficacy_told(rows: Iterable[Row]) -> Iterator[Row]:
    """What came of the rules, for groups large enough; a pair is told whole or not at all, since others have the same total."""
    pairs: dict[tuple[Any, ...], dict[str, Row]] = {}
    for row in rows:
        if row["characteristic"] == ALL and row["compared"] != "others":
            key = (row["months"], row["subject"], row["code"], row["outcome"])
            pairs.setdefault(key, {})[row["compared"]] = row
    for pair in pairs.values():
        if len(pair) == 2 and all(map(_is_large, pair.values())):
            pointed = pair["pointed_at"]
            kept = (
                "months",
                "base_release_id",
                "subject",
                "code",
                "outcome",
                "share_pct",
                "low_pct",
                "high_pct",
            )
            yield {
                **{name: pointed[name] for name in kept},
                "pointed_at": pointed["person_count"],
                "looked_at_pct": pair["looked_at"]["share_pct"],
            }


def _is_large(row: Row) -> bool:
    return row["person_count"] >= COMPARABLE and may_show_share(row["outcome_count"], row["person_count"])


def _without_overlap(found: Counts, scopes: Sequence[str]) -> Counts:
    """Totals told no narrower than their parts let anybody work out: else parts and total tell how few are in several."""
    kinds = {(kind, code) for _, kind, code in found} - {CONSIDERED}
    return {
        (NATIONAL, *cell): Range(
            max(
                *(p.at_least for p in parts),
                sum(p.at_least for p in parts) - HIDDEN.at_most * (len(scopes) - 1),
            ),
            sum(p.at_most for p in parts),
        )
        for cell in kinds
        for parts in [[found[scope, *cell] for scope in scopes]]
        if any(part.at_most for part in parts)
    }


def _municipalities(counted: Mapping[str, int], listed: Range) -> Counts:
    """Where those live whom no centre has: municipalities with five or more, and the others together."""
    if not listed.is_exact:
        return {(WITHOUT_CENTRE, "municipality", OTHER): listed} if listed.at_most else {}
    shown = {
        code: number for code, number in sorted(counted.items()) if number >= FEWEST and code != "unknown"
    }
    while shown and is_small(listed.at_most - sum(shown.values())):
        del shown[min(shown, key=lambda code: (shown[code], code))]
    other = listed.at_most - sum(shown.values())
    return {
        (WITHOUT_CENTRE, "municipality", code): hide_small(number)
        for code, number in (shown | ({OTHER: other} if other else {})).items()
    }


def _situation(measure: str, rows: Mapping[str, Row], counts: Counts) -> Iterator[Row]:
    national = rows[NATIONAL]
    period = f"{national['window_from'].year}–{national['window_to'].year}"
    about = {"period": period, "measure": measure, "unit": national["unit"]}
    actors = {scope: counts[scope, "actors", ALL] for scope in (*centres(), NATIONAL)}
    if cells := SITUATION.get(measure):
        for scope in (NATIONAL, *centres()):
            yield _row(scope, about, summed(counts[scope, *cell] for cell in cells))
        return
    is_whole = actors[NATIONAL].is_exact and not is_small(actors[NATIONAL].at_most)
    if measure not in SHARES:  # numbers of cases, few of which may be about one person
        number = national["numerator"]
        yield _row(NATIONAL, about, hide_small(number) if is_whole and number is not None else None)
        return
    part, whole = national["numerator"], national["denominator"]
    if part is None:  # what it takes was not delivered
        yield _row(NATIONAL, about, None)
        return
    yield _share(NATIONAL, about, part, whole, is_told=is_whole and may_show_share(part, whole))
    shares = {
        scope: (row["numerator"], row["denominator"]) for scope, row in rows.items() if scope != NATIONAL
    }
    exact = [scope for scope in centres() if actors[scope].is_exact]
    for scope, (part, whole) in shown_shares(shares, exact).items():
        yield _share(scope, about, part, whole, is_told=True)


def _goals(rows: Sequence[Row], counts: Counts) -> Iterator[Row]:
    """Goals that are parts of one whole are told together or not at all: the others would give away the one."""
    of_whom = [DECIDED] if rows[0]["measure"].startswith("B1_others") else [(KEY_ACTORS,)]
    is_known = all(counts[NATIONAL, *cell].is_exact for cells in of_whom for cell in cells)
    is_told = (is_known or not rows[0]["measure"].startswith("B1")) and all(
        may_show_share(row["numerator"] or 0, row["denominator"])
        for row in rows
        if row["denominator"] is not None
    )
    for row in rows:
        about = {"period": row["measured_period"], "measure": row["measure"], "unit": row["unit"]}
        number = row["numerator"]
        if row["denominator"] is not None:
            yield _share(NATIONAL, about, number or 0, row["denominator"], is_told=is_told)
        elif row["measure"] == "B1_key_actors":
            yield _row(NATIONAL, about, _key_actors(number, counts[NATIONAL, *KEY_ACTORS]))
        elif number is None:
            yield _row(NATIONAL, about, None)
        else:
            yield _row(
                NATIONAL, about, hide_small(number) if row["unit"] in OF_PERSONS else Range(number, number)
            )


def _key_actors(on_cut_off: int, now: Range) -> Range:
    """Those on the cut-off date, who are mostly those of now: told no narrower than these are, or they would give them away."""
    counted = hide_small(on_cut_off)
    if now.is_exact:
        return counted
    return Range(min(counted.at_least, now.at_least), max(counted.at_most, now.at_most))


def _partition(row: Row) -> tuple[str, str]:
    """The whole that a share is a part of, and its period; a measure of its own is alone."""
    measure = row["measure"]
    for whole in ("B1_others_capacity", "B1_others_intention", "B1_capacity", "B1_intention"):
        if measure.startswith(f"{whole}_"):
            return whole, str(row["measured_period"])
    return measure, str(row["measured_period"])


def _row(scope: str, about: Row, number: Range | None) -> Row:
    at_least, at_most = number or (None, None)
    return {
        "scope": scope,
        **about,
        "at_least": at_least,
        "at_most": at_most,
        "denominator": None,
        "share_pct": None,
    }


def _share(scope: str, about: Row, part: int, whole: int, *, is_told: bool) -> Row:
    if not (is_told and whole):
        return _row(scope, about, None)
    percent = int(100 * part / whole + 0.5)
    return _row(scope, about, Range(part, part)) | {"denominator": whole, "share_pct": percent}
