"""The pages of rules: the catalogue, each rule and its versions, what became of whom they pointed at, and other thresholds or fewer rules tried."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from akrim import insight, warehouse
from akrim.browser.access import Reader, Right, may
from akrim.browser.listing import Page, Row
from akrim.browser.purposes import list_persons
from akrim.browser.rendering import language_of, show
from akrim.errors import UserError
from akrim.insight import Threshold
from akrim.rules import Rule, RuleChange, load_rules, read_changes
from akrim.texts import texts

router = APIRouter()
SeesRules = Annotated[Reader, Depends(may(Right.RULES))]
Tries = Annotated[Reader, Depends(may(Right.TRY_RULES))]
Oversees = Annotated[Reader, Depends(may(Right.OVERSIGHT))]

OUTCOMES = ("severe_inspection", "inspected", "reassessed", "convicted", "bankruptcy", "dismissed")
NUMBERS = ("threshold", "points", "step_size", "step_points", "cap", "look_back_years")
# A threshold of intention is never nothing: whoever has no such points is not looked at.
LIMITS = {"intention": (1, 999), "capacity": (0, 999), "areas": (0, 9)}
MOVES = ("entered", "left", "raised", "lowered")


class Version(NamedTuple):
    """A version of a rule: what changed with it, its numbers where a release has them, and the releases that were assessed by it."""

    change: RuleChange
    numbers: Row | None
    changed_numbers: list[str]
    releases: list[str]


@router.get("/rules")
def catalogue(request: Request, reader: SeesRules) -> Response:
    """Every rule with its numbers, and the thresholds."""
    newest = {row["indicator_code"]: row for row in insight.list_rules_of_releases() if row["is_newest"]}
    return show(
        request,
        reader,
        "rules.html.j2",
        rules=_catalogue(),
        newest=newest,
        pointed_at=insight.count_pointed_at() if reader.may(Right.EVERY_CENTRE) else None,
        thresholds=insight.present_thresholds(),
        may_try=reader.may(Right.TRY_RULES),
        may_oversee=reader.may(Right.OVERSIGHT),
        catalogue_words=texts(language_of(request), "messages")["catalogue"],
    )


@router.get("/rules/efficacy")
def efficacy(request: Request, reader: Oversees, outcome: str = OUTCOMES[0], months: int = 12) -> Response:
    """What happened afterwards to those whom each rule pointed at, beside those whom it looked at and did not."""
    try:
        everything = [row for row in insight.read_efficacy() if row["characteristic"] == "all"]
    except UserError:
        everything = []
    rows = [row for row in everything if (row["outcome"], row["months"]) == (outcome, months)]
    compared: dict[tuple[str, str], Row] = {}
    for row in rows:
        compared.setdefault((row["subject"], row["code"]), {})[row["compared"]] = row
    others = next((row for row in rows if row["compared"] == "others"), None)
    pointed = [(*about, of) for about, of in compared.items() if "pointed_at" in of]
    return show(
        request,
        reader,
        "efficacy.html.j2",
        pointed=sorted(pointed, key=lambda line: insight.by_least_share(line[-1]["pointed_at"])),
        others=others,
        base=rows[0]["base_release_id"] if rows else None,
        is_known=bool(everything),
        outcomes=OUTCOMES,
        all_months=sorted({row["months"] for row in everything}),
        asked={"outcome": outcome, "months": months},
        few=insight.FEW,
    )


@router.get("/rules/what-if")
def what_if(
    request: Request, reader: Tries, without: str = "", persons: bool = False, page: Page = 1
) -> Response:
    """Who would move by other thresholds or without a rule; which persons, for who may see them and has a purpose, and logged."""
    present = insight.present_thresholds()
    otherwise = _asked(request, present)
    left_out = next((rule for rule in _catalogue() if rule.code == without), None)
    if without and left_out is None:
        raise HTTPException(400)
    with warehouse.connect() as connection:
        release_id = insight.newest_release(connection)
    rows = insight.try_thresholds(release_id, present, otherwise, left_out) if release_id else []
    moved = [row for row in rows if row["move"] != "same"]
    listed, purpose = None, ""
    if persons:
        listed, purpose = list_persons(request, reader, moved, page, "pages rules what-if")
    return show(
        request,
        reader,
        "what_if.html.j2",
        release_id=release_id,
        lines=list(zip(present, otherwise, strict=True)),
        is_other=present != otherwise or left_out is not None,
        rules=_catalogue(),
        without=without,
        centres=_by_centre(rows),
        moves=MOVES,
        moved=len({row["person_id"] for row in moved}),
        limits=LIMITS,
        listed=listed,
        purpose=purpose,
        may_see_persons=reader.may(Right.PERSONS),
    )


def _asked(request: Request, present: Sequence[Threshold]) -> list[Threshold]:
    """The ladder that the address asks for; a number that it does not name is as it is."""
    return [
        Threshold(
            line.status, *(_number(request, f"{field}_{place}", getattr(line, field)) for field in LIMITS)
        )
        for place, line in enumerate(present)
    ]


def _number(request: Request, name: str, present: int) -> int:
    """Raises HTTPException 400 where what stands for it is no number within its limits."""
    asked = request.query_params.get(name, str(present))
    least, most = LIMITS[name.partition("_")[0]]
    if not (re.fullmatch(r"[0-9]{1,3}", asked) and least <= int(asked) <= most):
        raise HTTPException(400)
    return int(asked)


def _by_centre(rows: Sequence[Row]) -> list[tuple[str, int, int, Counter[str]]]:
    """Each centre: how many are listed, how many would be, and how many move how."""
    return [
        (
            centre,
            sum(row["is_listed_before"] for row in own),
            sum(row["is_listed_after"] for row in own),
            Counter(row["move"] for row in own),
        )
        for centre in sorted({row["centre_id"] for row in rows})
        if (own := [row for row in rows if row["centre_id"] == centre])
    ]


@router.get("/rules/{code}")
def rule(request: Request, reader: SeesRules, code: str) -> Response:
    """One rule: what it means, its numbers, and its versions with what changed."""
    found = next((rule for rule in _catalogue() if rule.code == code), None)
    if found is None:
        raise HTTPException(404)
    language = language_of(request)
    return show(
        request,
        reader,
        "rule.html.j2",
        rule=found,
        points=found.points_in_words(language),
        versions=_versions(code),
        numbers=NUMBERS,
        catalogue_words=texts(language, "messages")["catalogue"],
    )


def _versions(code: str) -> list[Version]:
    of_releases = [row for row in insight.list_rules_of_releases() if row["indicator_code"] == code]
    found: list[Version] = []
    before: Row | None = None
    # Oldest first, so that each is held against the last whose numbers are known.
    for change in _changes(code):
        own = [row for row in of_releases if row["indicator_version"] == change.version]
        numbers = own[0] if own else None
        changed = [name for name in NUMBERS if numbers and before and numbers[name] != before[name]]
        found.append(Version(change, numbers, changed, [row["release_id"] for row in own]))
        before = numbers or before
    return found[::-1]


@lru_cache(1)
def _catalogue() -> list[Rule]:
    """As this program has it, read once."""
    return load_rules()


@lru_cache
def _changes(code: str) -> list[RuleChange]:
    return read_changes(code)
