"""The cells of a form, or another spreadsheet, that a delivery's validation found to break an expectation."""

from psycopg import sql
from psycopg.rows import class_row

from akrim.contracts import Extract
from akrim.deliveries.decisions.cell_messages import FormCell
from akrim.deliveries.scratch import Scratch


def broken_cells(scratch: Scratch, extract: Extract) -> list[FormCell]:
    """Each cell of the extract's sheet that broke an expectation, in reading order."""
    if all(form.name != "xlsx" for form in extract.formats):
        return []
    with scratch.connect() as connection, connection.cursor(row_factory=class_row(FormCell)) as cursor:
        cells = cursor.execute(
            CELLS.format(sql.Identifier(extract.name)), {"extract": extract.name, "key": extract.key.path}
        ).fetchall()
    # A form's row without its locked id was added by hand: nobody can fill that in.
    added = {c.row for c in cells if (c.column, c.code) == (extract.key.name, "empty_required")}
    return [
        cell._replace(code="unknown_reference") if cell.row in added else cell
        for cell in cells
        if cell.row not in added or cell.column == extract.key.name
    ]


CELLS = sql.SQL("""
select v.extract, v.row_number as row, coalesce(r.cells::jsonb ->> v.column_name, r.cells::jsonb ->> %(key)s) as cell,
    v.column_name as column, v.code
from violations as v join {} as r using (row_number)
where v.extract = %(extract)s and r.cells is not null
order by v.row_number, v.rank
""")
