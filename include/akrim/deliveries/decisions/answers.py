"""What a centre is answered to the decision forms that it has sent: how many decisions were read, and which rows and forms were not.

A release pins it, so that it says the same however often it is built. Nothing in it is about a person: of a cell that was
refused it has the sheet, the place, the column and the rule, never what stood there.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from akrim.contracts import DECISIONS_SENDER, INFORMED, Extract, centres, decision_extracts
from akrim.deliveries.decisions.cell_messages import NO_DECISION, FormCell
from akrim.deliveries.decisions.handed_out import decision_id


class _Form(NamedTuple):
    """A decision form that came; `reason` is why it was refused as a whole."""

    delivery_id: str
    manifest_sha256: str
    received_at: datetime
    reason: str | None
    centre_id: str
    release_id: str | None
    cells: list[dict[str, Any]]


class _Row(NamedTuple):
    """A row that was not read; its decision's id is known where the row still lies in quarantine.

    `about` is whom it decides on, however many forms ask the same; of a number of people informed, which report it is.
    """

    extract: str
    about: str | None
    cells: list[FormCell]
    form: _Form

    @property
    def is_decision(self) -> bool:
        """Whether it was to decide something: neither a note alone, nor a number of people who were informed."""
        return self.extract != INFORMED and self.cells[0].code != NO_DECISION


def answers_since(connection: psycopg.Connection, moment: datetime, period: str) -> dict[str, dict[str, Any]]:
    """What each centre is answered to the forms that came after that moment; a centre of which nothing came is left out.

    A form for a release of a later period than `period` counts in that period's assessment, and is no part of this one's.

    Returns by centre `read`, how many decisions stand in forms that were read; `rows`, the cells of each row that was not and
    that no later delivery put right; `in_refused`, how many of them are decisions in forms that were refused, if any; and `refused`,
    the forms that were refused as a whole, by release and reason.
    """
    heard_from = _heard_from(connection, moment, period)
    by_centre: dict[str, list[_Form]] = {centre_id: [] for centre_id in heard_from}
    with connection.cursor(row_factory=class_row(_Form)) as cursor:
        for form in cursor.execute(FORMS, [DECISIONS_SENDER, moment, period]).fetchall():
            by_centre.setdefault(form.centre_id, []).append(form)
    return {centre_id: _answer(connection, forms) for centre_id, forms in by_centre.items()}


def _answer(connection: psycopg.Connection, forms: list[_Form]) -> dict[str, Any]:
    rows = _rows_refused(connection, forms)
    in_refused = sum(row.form.reason is not None and row.is_decision for row in rows)
    return {
        "read": _decisions_read(connection, forms),
        "rows": [[_told(cell, row.form) for cell in row.cells] for row in rows],
        "refused": list(_forms_refused(forms)),
    } | ({"in_refused": in_refused} if in_refused else {})


def _heard_from(connection: psycopg.Connection, moment: datetime, period: str) -> list[str]:
    """The centres of which a decision came, in a form or in a file of a system's."""
    found: set[str] = set()
    for extract in decision_extracts():
        rows = connection.execute(sql.SQL(HEARD_FROM).format(_landed(extract)), [moment, period]).fetchall()
        found |= {row[0] for row in rows}
    return sorted(found & set(centres()))


def _decisions_read(connection: psycopg.Connection, forms: list[_Form]) -> int:
    """How many decisions stand in the forms that were read; one that was sent again counts once."""
    ids = [form.delivery_id for form in forms if form.reason is None]
    read = 0
    for extract in decision_extracts():
        if extract.name != INFORMED:
            query = sql.SQL(READ).format(_key(extract), _landed(extract))
            ((count,),) = connection.execute(query, [ids]).fetchall()
            read += count
    return read


def _rows_refused(connection: psycopg.Connection, forms: list[_Form]) -> list[_Row]:
    """The rows that were not read: of one that was sent again, in that release's form or a later one's, the last, and none that
    was read later.

    A row that decides nothing has no decision's id, and is told of the form that was read last.
    """
    standing: list[_Row] = []
    for form in forms:
        is_last = _newest_read(forms, form.release_id) in (form, None)
        for row in _rows_of(connection, form):
            if row.about is not None:
                standing = [other for other in standing if other[:2] != row[:2]]
                is_due = not _is_read_later(connection, form, row)
            else:
                is_due = is_last or row.cells[0].code != NO_DECISION
            if is_due:
                standing.append(row)
    return standing


def _rows_of(connection: psycopg.Connection, form: _Form) -> Iterator[_Row]:
    """The form's rows that were not read, by their cells."""
    named = {extract.name: extract.key.path for extract in decision_extracts()}
    set_aside = connection.execute(SET_ASIDE, [form.delivery_id, form.manifest_sha256]).fetchall()
    keys = {(extract, number): raw.get(named[extract]) for extract, number, raw in set_aside}
    rows: dict[tuple[str, int | str], list[FormCell]] = defaultdict(list)
    for cell in (FormCell(**cell) for cell in form.cells):
        rows[cell.extract, cell.cell if cell.row is None else cell.row].append(cell)
    prefix = decision_id(form.release_id or "", form.centre_id, "")
    for (extract, _), cells in rows.items():
        key = keys.get((extract, cells[0].row))
        about = key if key is None or extract == INFORMED else key.removeprefix(prefix)
        yield _Row(extract, about, cells, form)


def _is_read_later(connection: psycopg.Connection, form: _Form, row: _Row) -> bool:
    """Whether a later delivery has that decision, or the centre's on a later release."""
    extract = next(extract for extract in decision_extracts() if extract.name == row.extract)
    query = sql.SQL(READ_LATER).format(_landed(extract), _key(extract))
    asked = {"centre": form.centre_id, "ending": f"-{row.about}", "after": form.received_at}
    return connection.execute(query, asked).fetchone() is not None


def _forms_refused(forms: list[_Form]) -> Iterator[dict[str, Any]]:
    """The forms that were refused as a whole, and whether a later one for that release was read."""
    refused = defaultdict(list)
    for form in forms:
        if form.reason is not None:
            refused[form.release_id, form.reason].append(form)
    for (release_id, reason), found in refused.items():
        newest = _newest_read(forms, release_id)
        yield {
            "release_id": release_id,
            "code": reason,
            "forms": len(found),
            "is_replaced": newest is not None and newest.received_at > found[-1].received_at,
        }


def _newest_read(forms: list[_Form], release_id: str | None) -> _Form | None:
    """The form for that release that came last of those that were read."""
    read = (form for form in reversed(forms) if form.reason is None and form.release_id == release_id)
    return next(read, None)


def _told(cell: FormCell, form: _Form) -> dict[str, str | None]:
    """The cell, and the release whose form it is of."""
    told = {name: getattr(cell, name) for name in ("extract", "cell", "column", "code")}
    return told | {"release_id": form.release_id}


def _landed(extract: Extract) -> sql.Identifier:
    return sql.Identifier("landing", extract.table)


def _key(extract: Extract) -> sql.Identifier:
    return sql.Identifier(extract.key.name)


# A delivery that was withdrawn is as if it had not come.
FORMS = """
select d.delivery_id, d.manifest_sha256, d.received_at, d.reason,
    d.form ->> 'centre_id' as centre_id, d.form ->> 'release_id' as release_id, d.form -> 'cells' as cells
from meta.deliveries as d
where d.agency = %s and d.form is not null and d.received_at > %s
    and coalesce(split_part(d.form ->> 'release_id', '.', 1), '') <= %s
    and (d.status = 'refused' or exists (select from meta.deliveries_in_force as f where f.delivery_id = d.delivery_id))
order by d.received_at, d.delivery_id, d.manifest_sha256
"""
SET_ASIDE = """
select extract, row_number, raw from quarantine.rows
where delivery_id = %s and manifest_sha256 = %s and jsonb_typeof(raw) = 'object'
"""
HEARD_FROM = """
select distinct l.senter from {} as l join meta.deliveries_in_force as d using (delivery_id)
where d.received_at > %s and d.period <= %s
"""
READ = "select count(distinct {}) from {} where delivery_id = any(%s)"
READ_LATER = """
select from {} as l join meta.deliveries_in_force as d using (delivery_id)
where l.senter = %(centre)s and right('-' || l.{}, length(%(ending)s)) = %(ending)s and d.received_at > %(after)s limit 1
"""
