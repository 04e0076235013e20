"""The quality of a release's linkage in figures with intervals, and its records' drift from the model's training.

`figures` becomes linkage.quality and `drifts` linkage.drift. `recall` is the share of true links that were found,
`precision` the share of found links that are true. A measure's suffix names its records: `_held_out` those whose person
number was withheld, `_reviewed` those that clerks have read (reviewed_quality.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import duckdb

from akrim.errors import UserError
from akrim.linkage.engine import tables
from akrim.linkage.model.file import LinkageModel
from akrim.linkage.quality.drift import Drift, Profile, compare, compare_with_release, profile
from akrim.linkage.quality.estimators import Estimate, difference, share, weighted_share
from akrim.linkage.store.postgres import open_store

# A subgroup of fewer records is too small to compare.
MIN_SUPPORT_OF_A_GAP = 30
# Gaps in recall over one percentage point are pointed out.
GAP_TO_REPORT = 0.01

HELD_OUT_NOTE = "records with a valid person number, as if it were missing"


@dataclass(frozen=True)
class Figure:
    """One row of linkage.quality: shares between 0 and 1, with a 95 % interval; None if nothing could be counted."""

    measure: str
    subgroup: str
    estimate: float | None
    low: float | None
    high: float | None
    support: int
    note: str

    @classmethod
    def of(cls, measure: str, subgroup: str, estimate: Estimate | None, note: str) -> "Figure":
        if estimate is None:
            return cls(measure, subgroup, None, None, None, 0, note)
        value, low, high = (round(number, 5) for number in estimate[:3])
        return cls(measure, subgroup, value, low, high, estimate.support, note)

    @property
    def known(self) -> Estimate | None:
        if self.estimate is None or self.low is None or self.high is None:
            return None
        return Estimate(self.estimate, self.low, self.high, self.support)

    @property
    def is_wide_gap(self) -> bool:
        return self.measure.endswith("_gap") and (self.estimate or 0.0) > GAP_TO_REPORT


@tables(reads="all_records held_out")
def held_out_figures(con: duckdb.DuckDBPyConnection) -> list[Figure]:
    """Recall, precision and blocking recall of `held_out`, for all and by subgroup, and the gaps between subgroups."""
    figures = []
    for subgroup, drawn, right, joined, seen in con.execute(HELD_OUT_COUNTS).fetchall():
        for measure, part, whole in (
            ("recall", right, drawn),
            ("precision", right, joined),
            ("blocking_recall", seen, drawn),
        ):
            estimate = share(part, whole) if whole else None
            figures.append(Figure.of(f"{measure}_held_out", subgroup, estimate, HELD_OUT_NOTE))
    figures += _without_number(con)
    return [*figures, *recall_gaps(figures, "recall_held_out")]


HELD_OUT_COUNTS = """
with subgroups as (
    select outcome, is_seen, unnest(['all', 'number/' || number_kind, 'source/' || source, 'name/' || name_band]) as subgroup
    from held_out
)
select subgroup, count(*), count(*) filter (outcome = 'right'), count(*) filter (outcome <> 'alone'), count(*) filter (is_seen)
from subgroups where subgroup is not null group by all order by subgroup
"""


def _without_number(con: duckdb.DuckDBPyConnection) -> list[Figure]:
    """The held-out shares weighted by source to the records without a valid number.

    A source without held-out records is left out, and the note says so.
    """
    rows = con.execute(BY_SOURCE_WITHOUT_NUMBER).fetchall()
    all_records = sum(row[1] for row in rows)
    counted = [row for row in rows if row[2]]
    covered = sum(row[1] for row in counted) / all_records if all_records else 0.0
    note = f"held-out records weighted to the sources of records without a number, of which they cover {covered:.0%}"
    figures = []
    for measure, part, whole in (("recall", 3, 2), ("precision", 3, 4), ("blocking_recall", 5, 2)):
        strata = [(row[1], row[part], row[whole]) for row in counted if row[whole]]
        figures.append(Figure.of(f"{measure}_held_out", "number/none", weighted_share(strata), note))
    return figures


BY_SOURCE_WITHOUT_NUMBER = """
with numberless as (select source, count(*) as records from all_records where identity is null group by all)
select n.source, n.records, count(h.record_key), count(*) filter (h.outcome = 'right'),
    count(*) filter (h.outcome <> 'alone'), count(*) filter (h.is_seen)
from numberless n left join held_out h using (source) group by all order by n.source
"""


def recall_gaps(figures: Iterable[Figure], measure: str) -> list[Figure]:
    """For each kind of subgroup, the highest recall minus the lowest, among subgroups with enough records."""
    known = sorted(
        (figure for figure in figures if figure.measure == measure and "/" in figure.subgroup),
        key=lambda figure: figure.subgroup,
    )
    gaps = []
    for kind, members in groupby(known, key=lambda figure: figure.subgroup.partition("/")[0]):
        enough = [m for m in members if m.known and m.support >= MIN_SUPPORT_OF_A_GAP]
        if len(enough) >= 2:
            best, worst = _extremes(enough)
            note = f"{best.subgroup} over {worst.subgroup}; subgroups of fewer than {MIN_SUPPORT_OF_A_GAP} left out"
            gap = difference(best.known, worst.known)  # type: ignore[arg-type]  # both are known here
            gaps.append(Figure.of(f"{measure}_gap", kind, gap, note))
    return gaps


def _extremes(figures: list[Figure]) -> tuple[Figure, Figure]:
    ordered = sorted(figures, key=lambda figure: (figure.estimate or 0.0, figure.subgroup))
    return ordered[-1], ordered[0]


@tables(reads="tally")
def parked_figure(con: duckdb.DuckDBPyConnection) -> Figure:
    """The share of pairs over the join threshold that are parked as contradictory."""
    parked, heavy = con.execute(PARKED).fetchall()[0]
    return Figure.of("parked", "all", share(parked, heavy) if heavy else None, PARKED_NOTE)


PARKED_NOTE = "pairs parked, of those that weigh enough to be joined and are joined or parked"
PARKED = """
select coalesce(sum(pairs) filter (outcome like 'parked%'), 0)::bigint, coalesce(sum(pairs), 0)::bigint from tally
where is_heavy and (outcome = 'accepted' or outcome like 'parked%')
"""


@tables(writes="drifts figures")
def assess_quality(
    con: duckdb.DuckDBPyConnection, model: LinkageModel, reviewed: list[Figure], before: Profile | None
) -> None:
    """Build `figures` and `drifts` from `held_out` and the reviewed samples.

    `before` is the profile of the release before, if the same weights linked it.
    """
    figures = [*held_out_figures(con), *reviewed, parked_figure(con)]
    found = profile(con, model)
    drifts = [*compare(model.training.get("profile", {}), found), *compare_with_release(before, found)]
    _insert(con, "figures", FIGURE_COLUMNS, [tuple(vars(figure).values()) for figure in figures])
    _insert(con, "drifts", DRIFT_COLUMNS, [tuple(drift) for drift in drifts])


FIGURE_COLUMNS = "measure varchar, subgroup varchar, estimate double, low double, high double, support bigint, note varchar"
DRIFT_COLUMNS = "measure varchar, item varchar, expected double, actual double, drift double, note varchar"


def _insert(con: duckdb.DuckDBPyConnection, table: str, columns: str, rows: list[tuple[Any, ...]]) -> None:
    con.execute(f"create or replace temp table {table} ({columns})")
    if rows:
        places = ", ".join("?" for _ in rows[0])
        con.executemany(f"insert into {table} values ({places})", rows)  # noqa: S608  # DuckDB's, named above


@dataclass(frozen=True)
class Quality:
    """The rows of linkage.quality and linkage.drift for one release."""

    release_id: str
    figures: tuple[Figure, ...]
    drifts: tuple[Drift, ...]


def read_quality(release_id: str | None) -> Quality:
    """The figures of a release, or of the last one linked where none is named.

    Raises UserError if it was not linked here.
    """
    with open_store() as connection:
        row = connection.execute(WHICH_RUN, {"release": release_id}).fetchone()
        if row is None:
            raise UserError(
                f"No persons have been linked for {release_id or 'any release'}.",
                "linkage.quality",
                "`akrim releases list` shows the releases; `akrim run` makes one.",
            )
        found = row[0]
        figures = connection.execute(READ_FIGURES, [found]).fetchall()
        drifts = connection.execute(READ_DRIFTS, [found]).fetchall()
    return Quality(found, tuple(Figure(*row) for row in figures), tuple(Drift(*row) for row in drifts))


WHICH_RUN = """
select release_id from linkage.runs where release_id = %(release)s or %(release)s::text is null
order by run_number desc limit 1
"""
READ_FIGURES = """
select measure, subgroup, estimate, low, high, support, note from linkage.quality
where release_id = %s order by measure, subgroup
"""
READ_DRIFTS = """
select measure, item, expected, actual, drift, note from linkage.drift where release_id = %s order by measure, item
"""


def read_course(last: int) -> list[dict[str, Any]]:
    """For so many of the newest linked releases, the oldest first: `release_id`, and `figures` by measure and subgroup, "all" of all its records.

    Drift is among them: `match_weight` is how differently true pairs weigh than when the model was trained (an index, estimate alone).
    """
    with open_store() as connection:
        rows = connection.execute(COURSE, [last]).fetchall()
    return [
        {"release_id": release_id, "figures": {(told[0], told[1]): Figure(*told) for told in figures}}
        for release_id, figures in rows
    ]


COURSE = """
with newest as (
    select r.release_id, r.run_number from linkage.runs as r
    where exists (select from linkage.quality as q where q.release_id = r.release_id) order by r.run_number desc limit %s
),
told as (
    select release_id, measure, subgroup, estimate, low, high, support, note from linkage.quality
    union all
    select release_id, measure, item, drift, null, null, 0, note from linkage.drift
    where measure in ('match_weight', 'match_weight_since_base') and item = 'all'
)
select n.release_id, jsonb_agg(jsonb_build_array(measure, subgroup, estimate, low, high, support, note) order by measure)
from newest as n join told using (release_id) group by n.release_id, n.run_number order by n.run_number
"""
