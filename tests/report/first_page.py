"""The first page of a centre's report, built of a list and of few rows besides, and what its blocks say."""

import itertools
from datetime import date
from typing import Any

import pyarrow as pa
from akrim.report import Edition, Reference
from akrim.report.blocks import Block, Columns, Heading, Listing, Paragraph, Table
from akrim.report.material import Material
from akrim.report.sections.decide import SECTION
from akrim.report.wording import Words
from akrim.rules import load_rules

from tests.report.tables import tables_of

AS_OF = date(2025, 12, 31)
WORKED_ON = {"definition_code": "worked_on", "version": 1, "quantity": 365}
REFERENCE = Reference("nb", ["oslo"], {}, [], [], [], [WORKED_ON], {}, {}, load_rules())
NOBODY_IDLE = pa.table({"person_id": pa.array([], pa.string()), "nobody_works_on": pa.array([], pa.bool_())})


def entry(place: int, **about: Any) -> dict[str, Any]:
    return {
        "place": place, "rank": str(place), "person_id": f"p{place}", "name": f"Person {place}", "born": "01.02.1970",
        "is_dismissed": False, "status": "", "since_dismissal": "", "proposed": "Trusselaktør", "proposed_code": "trusselaktor",
        "notes": [], "disputing": "", "is_decided_otherwise": False, "is_weakly_linked": False, "range": "", "ahead": "", "link": "Sikker", "total": "40",
    } | about  # fmt: skip


# What each change of changes.json has besides.
WHOLE: dict[str, Any] = {"cause": "source", "causes": [], "before": None, "after": None}
LINE = {"rank": 1, "total_points": 10, "status": None, "proposed_status": None}
DECIDED = {"status": "Trusselaktør", "proposed_code": "trusselaktor"}
DISMISSED = {"is_dismissed": True, "status": "Avskrevet", "proposed": "", "proposed_code": None}


def build(
    ranking: list[dict[str, Any]],
    entered: tuple[str, ...] = (),
    previous: str | None = "2025-T2.1",
    earlier: dict[str, Any] | None = None,
    **rows: list[dict[str, Any]],
) -> list[Block]:
    """The section's blocks one after another, without the short answers."""
    return [b for b in built(build_material(ranking, entered, previous, earlier, **rows)) if not is_short(b)]


def built(material: Material) -> list[Block]:
    return [
        inner
        for b in SECTION.build(material)
        for inner in ([i for part in b.parts for i in part] if isinstance(b, Columns) else [b])
    ]


def is_short(block: Block) -> bool:
    return isinstance(block, Table) and block.columns[0].title == "Spørsmål"


def answers(material: Material) -> dict[str, str]:
    """The short answers' texts, by their questions."""
    (table,) = (block for block in built(material) if is_short(block))
    assert isinstance(table, Table)
    return {str(row[0]): " | ".join(part.text for part in row[1] if part.text) for row in table.rows}


def build_material(
    ranking: list[dict[str, Any]],
    entered: tuple[str, ...] = (),
    previous: str | None = "2025-T2.1",
    earlier: dict[str, Any] | None = None,
    **rows: list[dict[str, Any]],
) -> Material:
    assessed = {"intention_points": 40, "capacity_points": 0, "disputes": "[]"}
    listed = [assessed | {"person_id": entry["person_id"]} for entry in ranking]
    rows = ({"assessments": listed} if listed else {}) | rows
    tables = {**tables_of(), "coordination": NOBODY_IDLE}
    tables |= {name: pa.Table.from_pylist(found) for name, found in rows.items()}
    if earlier:
        earlier = earlier | {"changes": [WHOLE | change for change in earlier["changes"]]}
    edition = Edition("2025-T3.1", "2025-T3", AS_OF, "oslo", previous, True, {}, earlier)
    changes: list[Any] = [WHOLE | {"change": "entered", "person_id": person_id} for person_id in entered]
    return Material(edition, tables, changes, REFERENCE, Words("nb"), ranking)


def points(blocks: list[Block]) -> list[str]:
    (listing,) = [block for block in blocks if isinstance(block, Listing)]
    return [str(item) for item in listing.items]


def background(blocks: list[Block]) -> str:
    """What is said below the points."""
    paragraph = next(block for block in blocks if isinstance(block, Paragraph))
    return str(paragraph.content)


def named(blocks: list[Block]) -> dict[str, list[str]]:
    """By heading, the persons that its table names."""
    found: dict[str, list[str]] = {}
    for heading, table in itertools.pairwise(blocks):
        if isinstance(heading, Heading) and isinstance(table, Table):
            found[heading.text] = [name_in(row) for row in table.rows]
    return found


def name_in(row: Any) -> str:
    cells = [part for cell in row for part in (cell if isinstance(cell, list | tuple) else [cell])]
    return next((part.text for part in cells if hasattr(part, "target")), cells[0])


def review(person_id: str, day: date, centre: str = "oslo") -> dict[str, Any]:
    return {
        "person_id": person_id, "centre_id": centre, "decision_id": f"d-{person_id}", "decided_date": date(2025, 6, 1),
        "next_review_date": day, "responsible_agency": "nav", "priority_code": "prioriter", "status": "trusselaktor",
        "decided_release_id": "2025-T1.1", "actions": "",
    }  # fmt: skip


def coordinated(person_id: str, **about: Any) -> dict[str, Any]:
    return {
        "person_id": person_id, "nobody_works_on": True, "open_matters_by_agency": "[]", "last_control_date": None,
        "agencies_that_know": "", "priority_code": None, "open_matters": 0,
    } | about  # fmt: skip


def nominated(person_id: str, answer: str | None) -> dict[str, Any]:
    return {
        "person_id": person_id, "orgnr": None, "answer": answer, "agency": "nav", "nominated_date": date(2025, 9, 1), "nomination_id": person_id,
        "observed_code": "svart_arbeid", "source_grade": "B", "information_grade": "2",
    }  # fmt: skip


def rows_of(blocks: list[Block]) -> list[list[str]]:
    """What the cells of the tables say beside the person's name."""
    return [
        [" ".join(p if isinstance(p, str) else p.text for p in (c if isinstance(c, list | tuple) else [c])) for c in row]
        for block in blocks if isinstance(block, Table) for row in block.rows
    ]  # fmt: skip
