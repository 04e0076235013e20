"""The schema's versions: from an earlier program's tables to this one's, up and down, and back with an earlier program."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from akrim.errors import UserError
from akrim.settings import PROJECT_ROOT
from akrim.warehouse import apply_definitions, embedded, prepare, schema
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import sql

from tests.conftest import as_user, database

BEFORE_MIGRATIONS = Path(__file__).with_name("before_migrations.sql").read_text(encoding="utf-8")
# The tables as each was first made: without the columns that came later, and without views.
FIRST_TABLES = "\n".join(
    re.findall(r"^create (?:schema|table).*?;$", BEFORE_MIGRATIONS, re.MULTILINE | re.DOTALL)
)
PREPARE = """
import sys
from akrim.warehouse import prepare
prepare()
print("alembic" in sys.modules, "sqlalchemy" in sys.modules)
"""

# A row that every table takes: by its type, and by its name where the table is particular.
OF_TYPE = {
    "text": "x", "bigint": 1, "integer": 7, "date": "2026-01-01", "jsonb": "{}", "boolean": True, "text[]": ["x"], "bytea": b"x",
    "timestamp with time zone": "2026-01-01T12:00Z", "double precision": 0.5,
}  # fmt: skip
OF_NAME = {
    "status": "published", "event": "opened", "kind": "fact", "link_kind": "single", "change": "merged",
    "verdict": "same", "source_r": "y",
}  # fmt: skip
OF_COLUMN = {
    ("deliveries", "status"): "refused", ("legal_holds", "kind"): "person", ("delivery_files", "state"): "first",
}  # fmt: skip

TABLES = """
select c.oid::regclass::text from pg_class as c
where c.relkind = 'r' and c.relnamespace::regnamespace::text in ('meta', 'linkage', 'quarantine', 'landing', 'marts')
    and not c.relispartition and c.relname not in ('schema_version', 'alembic_version')
order by c.oid
"""
# Those without a default.
COLUMNS = """
select attname, format_type(atttypid, atttypmod) from pg_attribute
where attrelid = %s::regclass and attnum > 0 and not attisdropped and not atthasdef and attidentity = ''
order by attnum
"""

Rows = dict[str, list[dict[str, object]]]


@pytest.fixture
def empty(server: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty database of the pipeline's role; the settings point at it."""
    with database(server, monkeypatch, "template1") as address:
        yield address


def fill(address: str) -> None:
    """Put a row into every table of ours that has none."""
    empty = [table for table, held in rows(address).items() if not held]
    with psycopg.connect(address) as connection:
        for table in empty:
            columns = dict(connection.execute(COLUMNS, [table]).fetchall())
            values = {
                name: OF_COLUMN.get((table.partition(".")[2], name), OF_NAME.get(name, OF_TYPE[kind]))
                for name, kind in columns.items()
            }
            connection.execute(
                sql.SQL("insert into {} ({}) values ({})").format(
                    sql.Identifier(*table.split(".")),
                    sql.SQL(", ").join(map(sql.Identifier, values)),
                    sql.SQL(", ").join([sql.Placeholder()] * len(values)),
                ),
                list(values.values()),
            )


def rows(address: str) -> Rows:
    with psycopg.connect(address) as connection:
        return {
            table: [
                row
                for (row,) in connection.execute(
                    sql.SQL("select to_jsonb(t) from {} as t").format(sql.Identifier(*table.split(".")))
                )
            ]
            for (table,) in connection.execute(TABLES).fetchall()
        }


def is_kept(before: Rows, after: Rows) -> bool:
    """Whether every row and value is there still, of the tables and columns that both have."""
    return all(
        now[column] == value
        for table in before.keys() & after.keys()
        for row, now in zip(before[table], after[table], strict=True)
        for column, value in row.items()
        if column in now
    )


def dump(address: str) -> str:
    """The schema as pg_dump writes it."""
    command = [embedded.binaries() / "pg_dump", "--schema-only", "--no-owner", "--restrict-key=same", address]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def alembic(*arguments: str) -> None:
    """As a contributor calls it, from the project's folder."""
    subprocess.run(
        [Path(sys.executable).with_name("alembic"), *arguments],
        cwd=PROJECT_ROOT,
        env=dict(os.environ),
        check=True,
    )


def test_alembic_says_what_to_do_where_the_database_lets_it_in_by_no_way(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AKRIM_DATABASE_URL", "postgresql://akrim:wrong@127.0.0.1:1/akrim")
    command = [Path(sys.executable).with_name("alembic"), "current"]
    ended = subprocess.run(
        command, cwd=PROJECT_ROOT, env=dict(os.environ), check=False, capture_output=True, text=True
    )
    assert ended.returncode != 0
    assert "The database cannot be reached" in ended.stdout + ended.stderr
    assert "where: AKRIM_DATABASE_URL" in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
    assert "wrong" not in ended.stdout + ended.stderr


def one(address: str, query: str) -> object:
    with psycopg.connect(address) as connection:
        row = connection.execute(query.encode()).fetchone()
        return row[0] if row else None


@pytest.mark.parametrize("earlier", [FIRST_TABLES, BEFORE_MIGRATIONS], ids=["first", "last"])
def test_a_warehouse_from_before_migrations_keeps_its_rows(earlier: str, empty: str) -> None:
    with psycopg.connect(empty) as connection:
        connection.execute(earlier.encode())
        connection.execute("insert into meta.schema_version values ('digest of what was laid')")
    fill(empty)
    before = rows(empty)
    assert all(before.values())
    prepare()
    assert is_kept(before, rows(empty))
    assert one(as_user(empty, embedded.ANALYST), "select count(*) from marts.release_changes") == 1

    migrated = dump(empty)
    drop_everything(empty)
    prepare()
    assert migrated == dump(empty)


def test_every_revision_keeps_the_rows_of_all_before_it(empty: str) -> None:
    """Step by step, a row in each table from the revision that made it: what an installation of any earlier version has."""
    config = Config()
    config.set_main_option("script_location", "akrim.warehouse:migrations")
    before: Rows = {}
    for revision in schema._revisions():
        command.upgrade(config, revision)
        assert is_kept(before, rows(empty)), revision
        fill(empty)
        before = rows(empty)
    assert all(before.values())
    prepare()
    assert is_kept(before, rows(empty))
    stepwise = dump(empty)
    drop_everything(empty)
    prepare()
    assert stepwise == dump(empty)


def test_whom_releases_from_before_named_is_known_after_the_upgrade(empty: str) -> None:
    """Else an erasure or a dispute right after it would find no centre that holds the person."""
    with psycopg.connect(empty) as connection:
        connection.execute(BEFORE_MIGRATIONS.encode())
        connection.execute(
            "create table marts.release_persons (release_id text, centre_id text, person_id text, basis text);"
            "insert into marts.release_persons values ('2025-T3.1', 'oslo', 'P1', 'residence')"
        )
    prepare()
    with psycopg.connect(empty) as connection:
        named = connection.execute(
            "select release_id, centre_id, person_id, named_because, basis from marts.named_persons"
        ).fetchall()
    assert named == [("2025-T3.1", "oslo", "P1", "area", "residence")]


def test_the_newest_revision_goes_down_and_up_with_the_tables_full(empty: str) -> None:
    prepare()
    fill(empty)
    before, schema_before = rows(empty), dump(empty)
    alembic("downgrade", "-1")
    assert one(empty, "select version_num from meta.alembic_version") == schema._revisions()[-2]
    remained = rows(empty)
    assert is_kept(before, remained)
    prepare()
    # A table or a column that the revision makes comes back empty.
    assert is_kept(remained, rows(empty))
    assert dump(empty) == schema_before


def test_the_program_from_before_migrations_finds_its_own_after_a_downgrade(empty: str) -> None:
    prepare()
    alembic("downgrade", "0001")
    with psycopg.connect(empty) as connection:
        connection.execute(BEFORE_MIGRATIONS.encode())
        connection.execute("insert into meta.schema_version (version) values ('its digest')")
    prepare()
    assert one(empty, "select version_num from meta.alembic_version") == schema._revisions()[-1]


# Marts as they stood before columns had one name each; centres were sent one of them.
BEFORE_ONE_NAME = """
create table marts.goal_indicators (release_id text, period text, value bigint);
create view marts_current.goal_indicators as select * from marts.goal_indicators;
create view marts_history.goal_indicators as
    select '2025-T3' as period, date '2025-12-31' as as_of, release_id, period as own_period, value from marts.goal_indicators;
create table marts.inspections (release_id text, fine_amount_nok numeric);
create view marts.joint_operations as select release_id, sum(fine_amount_nok) as fine_amount_nok from marts.inspections group by 1;
create view marts_current.joint_operations as select * from marts.joint_operations;
create table shared_rows.goal_indicators (release_id text, recipient text, period text);
call shared_rows.lay('goal_indicators');
insert into marts.goal_indicators values ('2025-T3.1', '2024', 7);
insert into marts.inspections values ('2025-T3.1', 5000), ('2025-T3.1', 1000);
insert into shared_rows.goal_indicators values ('2025-T3.1', 'oslo', '2024');
"""


def test_columns_get_one_name_and_one_type_in_releases_that_stand(empty: str) -> None:
    """In tables, in the views on them, and in what centres were sent; and their old ones again for an earlier program."""
    prepare()
    alembic("downgrade", "0015")
    with psycopg.connect(empty) as connection:
        connection.execute(BEFORE_ONE_NAME.encode())
    before = dump(empty)
    prepare()
    for schema_name in ("marts", "marts_current", "marts_history"):
        assert one(empty, f"select measured_period from {schema_name}.goal_indicators") == "2024"
    assert one(empty, "select period from marts_history.goal_indicators") == "2025-T3"
    assert one(empty, "select attname from pg_attribute where attrelid = 'shared.goal_indicators'::regclass and attnum = 3") == (
        "measured_period"
    )  # fmt: skip
    assert one(empty, "select measured_period from shared_rows.goal_indicators") == "2024"
    assert one(empty, "select pg_typeof(fine_amount_nok)::text from marts.inspections limit 1") == "bigint"
    assert one(empty, "select fine_amount_nok from marts_current.joint_operations") == 6000
    alembic("downgrade", "0015")
    assert dump(empty) == before


def test_tables_of_a_newer_program_are_refused_and_left_alone(empty: str) -> None:
    prepare()
    with psycopg.connect(empty) as connection:
        connection.execute("update meta.alembic_version set version_num = '9999'")
        connection.execute("delete from meta.schema_version")
    with pytest.raises(UserError, match="does not know their revision 9999") as refused:
        prepare()
    assert refused.value.where == "meta.alembic_version"
    assert "docs/database.md" in refused.value.next_step
    assert one(empty, "select count(*) from meta.schema_version") == 0


def test_functions_are_those_of_the_program_that_came_last(empty: str) -> None:
    """Laid by this program, by another version of it, and by this one again."""
    prepare()
    assert "linking" in one(empty, "select obj_description('linkage.person_ids'::regclass)")
    own = one(empty, "select pg_get_functiondef('meta.is_date'::regproc)")
    another = "create or replace function meta.is_date(value text, format text) returns boolean language sql as 'select true'"
    for _ in range(2):
        apply_definitions({schema.DEFINITIONS[0]: another})
        assert one(empty, "select meta.is_date('no date', 'DD.MM.YYYY')") is True
        prepare()
        assert one(empty, "select pg_get_functiondef('meta.is_date'::regproc)") == own


def test_views_come_back_after_a_revision_that_took_them_along(empty: str) -> None:
    prepare()
    schema_before = dump(empty)
    alembic("downgrade", "-1")
    with psycopg.connect(empty) as connection:
        connection.execute("drop view meta.release_deliveries, linkage.person_records cascade")
    alembic("upgrade", "head")
    prepare()
    assert dump(empty) == schema_before


def test_processes_that_start_at_once_wait_for_each_other_and_say_nothing(empty: str) -> None:
    at_once = [prepare_in_a_process() for _ in range(3)]
    assert [process.communicate(timeout=60)[1] for process in at_once] == [""] * 3
    later = prepare_in_a_process()
    assert later.communicate(timeout=60) == ("False False\n", ""), (
        "Alembic is imported where nothing is to migrate"
    )
    assert [process.returncode for process in (*at_once, later)] == [0] * 4
    assert one(empty, "select version_num from meta.alembic_version") == schema._revisions()[-1]


def test_no_server_compiles_the_pipelines_statements(empty: str) -> None:
    """As most do unless told not to; processes that start at once tell it side by side."""
    name = psycopg.conninfo.conninfo_to_dict(empty)["dbname"]
    with psycopg.connect(empty) as connection:
        connection.execute(sql.SQL("alter database {} set jit = on").format(sql.Identifier(str(name))))
    assert one(empty, "show jit") == "on"
    for started in [prepare_in_a_process() for _ in range(2)]:
        assert started.wait() == 0
    assert one(empty, "show jit") == "off"


def test_the_revisions_are_one_line_that_the_files_tell() -> None:
    config = Config()
    config.set_main_option("script_location", "akrim.warehouse:migrations")
    newest_first = ScriptDirectory.from_config(config).walk_revisions()
    assert [script.revision for script in newest_first] == schema._revisions()[::-1]


def prepare_in_a_process() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PREPARE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def drop_everything(address: str) -> None:
    with psycopg.connect(address) as connection:
        for (name,) in connection.execute(
            "select nspname from pg_namespace where nspowner = current_user::regrole and nspname <> 'public'"
        ).fetchall():
            connection.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(name)))
