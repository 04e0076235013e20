"""What a centre was sent, kept in the schema `shared` for its own login to read.

A table per mart with the files' columns and the recipient. Row security is forced: each login of a centre sees the rows that
its centre was sent with a release that is out, and the pipeline itself only what a policy lets it. Nothing is selected
or masked here, so that a centre's people can ask in SQL for what its files hold and for nothing more.
"""

from psycopg import Connection, sql

from akrim import warehouse
from akrim.sharing.centre_tables import Tables
from akrim.sharing.columns import Columns, SharedColumn

SCHEMA, CURRENT = "shared", "shared_current"
RECIPIENT = "recipient"

# Whoever owns the table is bound by its row security, too. The view asks it with the rights of its reader.
CREATE = """
create table {table} ({columns});
create index on {table} (release_id, recipient);
alter table {table} enable row level security;
alter table {table} force row level security;
create policy of_pipeline on {table} to current_user using (true) with check (true);
create policy of_recipient on {table} for select to public
    using {condition}
"""
# Asked once a query: asked for each row it would come after a reader's own conditions, and its time would tell how many rows met them.
SHARPEN = """
alter policy of_recipient on {table} using {condition}
"""
CONDITION = sql.SQL(
    "(recipient = (select shared.recipient()) and release_id in (select shared.releases_out()))"
)
CREATE_VIEW = """
create view {view} with (security_invoker = true) as select * from {table} where release_id = shared.newest_release()
"""
BLUNT = """
select from pg_policies where schemaname = %s and tablename = %s and policyname = 'of_recipient'
    and qual !~ 'SELECT shared.recipient'
"""
PASSING = "passing_rows"
FORGET = "delete from {table} where release_id = {release_id} and recipient = {centre_id}"
KEEP = "insert into {table} ({columns}, recipient) select {columns}, {centre_id} from pg_temp.{passing}"
FOUND = """
select attname, format_type(atttypid, atttypmod) from pg_attribute
where attrelid = to_regclass(quote_ident(%s) || '.' || quote_ident(%s)) and attnum > 0 and not attisdropped
"""


def prepare_tables(columns: Columns) -> None:
    """Make the tables, or bring them to these columns."""
    with warehouse.connect() as connection:
        for mart, shared in columns.items():
            _prepare(connection, mart, shared)


def keep_rows(release_id: str, centre_id: str, tables: Tables) -> None:
    """Keep the rows that the centre is sent, in place of any kept before for this release; in one transaction."""
    with warehouse.arrow_cursor() as cursor:
        for name, rows in tables.items():
            values = {
                "table": sql.Identifier(SCHEMA, name), "passing": sql.Identifier(PASSING),
                "release_id": sql.Literal(release_id), "centre_id": sql.Literal(centre_id),
                "columns": sql.SQL(", ").join(map(sql.Identifier, rows.column_names)),
            }  # fmt: skip
            cursor.execute(sql.SQL(FORGET).format(**values).as_string())
            if rows.num_rows:
                # No COPY goes into a table with row security.
                cursor.adbc_ingest(PASSING, rows, mode="create", temporary=True)
                cursor.execute(sql.SQL(KEEP).format(**values).as_string())
                cursor.execute(sql.SQL("drop table {passing}").format(**values).as_string())


def forget_rows(connection: Connection, release_id: str, centre_id: str) -> None:
    """Delete what was kept of a centre's part that is erased."""
    names = connection.execute("select tablename from pg_tables where schemaname = %s", [SCHEMA]).fetchall()
    values = {"release_id": sql.Literal(release_id), "centre_id": sql.Literal(centre_id)}
    for (name,) in names:
        connection.execute(sql.SQL(FORGET).format(table=sql.Identifier(SCHEMA, name), **values))


def _prepare(connection: Connection, mart: str, shared: list[SharedColumn]) -> None:
    expected = {column.name: column.kind for column in shared} | {RECIPIENT: "text"}
    found: dict[str, str] = dict(connection.execute(FOUND, [SCHEMA, mart]).fetchall())
    names = {"table": sql.Identifier(SCHEMA, mart), "view": sql.Identifier(CURRENT, mart)}
    if connection.execute(BLUNT, [SCHEMA, mart]).fetchone():
        connection.execute(sql.SQL(SHARPEN).format(condition=CONDITION, **names))
    if found == expected:
        return
    # A column that may no longer leave goes, with all that it held; one of another type is made anew.
    gone = [name for name in found if found[name] != expected.get(name)]
    new = [name for name in expected if found.get(name) != expected[name]]
    defined = {name: sql.SQL("{} " + expected[name]).format(sql.Identifier(name)) for name in new}
    connection.execute(sql.SQL("drop view if exists {view}").format(**names))
    if found:
        changes = [sql.SQL("drop column {}").format(sql.Identifier(name)) for name in gone]
        changes += [sql.SQL("add column {}").format(defined[name]) for name in new]
        connection.execute(sql.SQL("alter table {table} {}").format(sql.SQL(", ").join(changes), **names))
    else:
        connection.execute(
            sql.SQL(CREATE).format(columns=sql.SQL(", ").join(defined.values()), condition=CONDITION, **names)
        )
    connection.execute(sql.SQL(CREATE_VIEW).format(**names))
