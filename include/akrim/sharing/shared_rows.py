"""What a centre was sent, or with the national part, kept in the schema `shared_rows` and read by its own login in the schema `shared`.

A table per mart with the files' columns and the recipient. Row security is forced: each login of a centre sees the rows that
its centre was sent with a release that is out (definitions.sql). Nothing is selected or masked here, so that a centre's people
can ask in SQL for what its files hold and for nothing more.
"""

from collections.abc import Sequence

from psycopg import Connection, sql

from akrim import warehouse
from akrim.sharing.centre_tables import Tables
from akrim.sharing.columns import Columns, SharedColumn

SCHEMA = "shared_rows"
RECIPIENT = "recipient"

CREATE = "create table {table} ({columns})"
DROP_VIEWS = "drop view if exists shared_current.{mart}; drop view if exists shared.{mart}"
PASSING = "passing_rows"
FORGET = "delete from {table} where release_id = {release_id} and recipient = {centre_id}"
FORGET_PARTS = "delete from {table} where release_id = any(%s) and recipient = any(%s)"
EMPTY = sql.SQL(
    "update {table} set {emptied} where release_id = %s and {key} = any(%s) and num_nonnulls({sent}) > 0"
)
# Where a centre was not told whether the home is protected, it is not told now.
MARK = "update {table} set {mark} = true where release_id = %s and person_id = any(%s) and not {mark}"
# A worker that was given up may still be at it: of two that keep one part's rows, neither sees the other's, and both would stay.
ALONE = "select pg_advisory_xact_lock(hashtext('akrim.kept_rows'), hashtext({release_id} || {centre_id}))"
# Where homes are hidden the same rows change, in another order; of those that keep rows none waits for another.
BESIDE_HIDING = "select pg_advisory_xact_lock_shared(hashtext('akrim.hidden_homes'))"
KEEP = "insert into {table} ({columns}, recipient) select {columns}, {centre_id} from pg_temp.{passing}"
GONE = "select relname from pg_class where relnamespace = to_regnamespace(%s) and relkind = 'r' and relname <> all(%s)"
FOUND = """
select attname, format_type(atttypid, atttypmod) from pg_attribute
where attrelid = to_regclass(quote_ident(%s) || '.' || quote_ident(%s)) and attnum > 0 and not attisdropped
"""


def prepare_tables(columns: Columns) -> None:
    """Make the tables, or bring them to these columns; what no mart may be sent of any longer goes, with all that it held."""
    with warehouse.connect() as connection:
        for (gone,) in connection.execute(GONE, [SCHEMA, list(columns)]).fetchall():
            connection.execute(sql.SQL("drop table {} cascade").format(sql.Identifier(SCHEMA, gone)))
        for mart, shared in columns.items():
            _prepare(connection, mart, shared)


def keep_rows(release_id: str, centre_id: str, tables: Tables) -> None:
    """Keep the rows that the centre is sent, in place of any kept before for this release; in one transaction."""
    part = {"release_id": sql.Literal(release_id), "centre_id": sql.Literal(centre_id)}
    with warehouse.arrow_cursor() as cursor:
        cursor.execute(BESIDE_HIDING)
        cursor.execute(sql.SQL(ALONE).format(**part).as_string())
        for name, rows in tables.items():
            values = {
                **part, "table": sql.Identifier(SCHEMA, name), "passing": sql.Identifier(PASSING),
                "columns": sql.SQL(", ").join(map(sql.Identifier, rows.column_names)),
            }  # fmt: skip
            cursor.execute(sql.SQL(FORGET).format(**values).as_string())
            if rows.num_rows:
                # No COPY goes into a table with row security.
                cursor.adbc_ingest(PASSING, rows, mode="create", temporary=True)
                cursor.execute(sql.SQL(KEEP).format(**values).as_string())
                cursor.execute(sql.SQL("drop table {passing}").format(**values).as_string())


def has_kept_rows() -> bool:
    """Whether rows that were sent are kept at all: not where no release was published since they are."""
    with warehouse.connect() as connection:
        return warehouse.has_table(connection, f"{SCHEMA}.assessments")


def forget_rows(connection: Connection, release_ids: Sequence[str], recipients: Sequence[str]) -> None:
    """Delete what was kept of the recipients' parts of these releases."""
    names = connection.execute("select tablename from pg_tables where schemaname = %s", [SCHEMA]).fetchall()
    for (name,) in names:
        query = sql.SQL(FORGET_PARTS).format(table=sql.Identifier(SCHEMA, name))
        connection.execute(query, [list(release_ids), list(recipients)])


def empty_kept(
    connection: Connection, release_id: str, rows: tuple[str, str, list[str]], columns: Sequence[str]
) -> None:
    """Empty these columns, as far as they were sent, in what was kept of a release.

    Args:
        rows: of which mart, by which key, and whose.
    """
    mart, key, ids = rows
    found = _columns(connection, mart)
    if sent := [sql.Identifier(name) for name in columns if name in found]:
        query = EMPTY.format(
            table=sql.Identifier(SCHEMA, mart),
            key=sql.Identifier(key),
            emptied=sql.SQL(", ").join(sql.SQL("{} = null").format(name) for name in sent),
            sent=sql.SQL(", ").join(sent),
        )
        connection.execute(query, [release_id, ids])


def mark_kept(connection: Connection, release_id: str, person_ids: list[str]) -> None:
    """Say of these persons that the home is protected, where that is told in what was kept of a release."""
    mart, mark = "persons", "has_protected_address"
    if mark in _columns(connection, mart):
        query = sql.SQL(MARK).format(table=sql.Identifier(SCHEMA, mart), mark=sql.Identifier(mark))
        connection.execute(query, [release_id, person_ids])


def _columns(connection: Connection, mart: str) -> dict[str, str]:
    """The type of each column that is kept of a mart; none where the mart is not kept."""
    return dict(connection.execute(FOUND, [SCHEMA, mart]).fetchall())


def _prepare(connection: Connection, mart: str, shared: list[SharedColumn]) -> None:
    expected = {column.name: column.kind for column in shared} | {RECIPIENT: "text"}
    found = _columns(connection, mart)
    if found == expected:
        return
    # A column that may no longer leave goes, with all that it held; one of another type is made anew.
    gone = [name for name in found if found[name] != expected.get(name)]
    new = [name for name in expected if found.get(name) != expected[name]]
    defined = {name: sql.SQL("{} " + expected[name]).format(sql.Identifier(name)) for name in new}
    table = sql.Identifier(SCHEMA, mart)
    connection.execute(sql.SQL(DROP_VIEWS).format(mart=sql.Identifier(mart)))
    if found:
        changes = [sql.SQL("drop column {}").format(sql.Identifier(name)) for name in gone]
        changes += [sql.SQL("add column {}").format(defined[name]) for name in new]
        connection.execute(sql.SQL("alter table {} {}").format(table, sql.SQL(", ").join(changes)))
    else:
        connection.execute(sql.SQL(CREATE).format(table=table, columns=sql.SQL(", ").join(defined.values())))
    connection.execute("call shared_rows.lay(%s)", [mart])
