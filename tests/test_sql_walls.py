"""Every SQL text names its own package's tables and those that others publish (include/akrim/tables.yml), nothing else."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import sqlglot
import yaml
from akrim.warehouse.connection import READABLE
from sqlglot.errors import TokenError
from sqlglot.tokens import TokenType

ROOT = Path(__file__).parents[1]
AKRIM, DBT = ROOT / "include/akrim", ROOT / "dbt_project"
STATED: dict[str, dict[str, list[str]]] = yaml.safe_load((AKRIM / "tables.yml").read_text())
SCHEMAS = {name.split(".")[0] for kinds in STATED.values() for names in kinds.values() for name in names}
FILES = {"quarantine.csv"}
# A table whose name is known when the program runs alone: any of its schema.
ANY = "*"
DBT_SOURCE = re.compile(r"(?:\{\{\s*)?source\(\s*'(\w+)',\s*'(\w+)'\s*\)(?:\s*\}\})?")
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
JINJA = re.compile(r"""\{\{(?:"[^"]*"|'[^']*'|.)*?\}\}|\{%.*?%\}""", re.DOTALL)
MADE_SCHEMA = re.compile(r"create schema (?:if not exists )?(\w+)")
WRITTEN_LINKAGE = re.compile(
    r"(?:insert into|update|delete from|truncate|alter table|drop table) (?:clerk|linkage)\."
)
QUALIFIED = re.compile(rf"\b({'|'.join(sorted(SCHEMAS))})\.(\w+)")


class Table(NamedTuple):
    schema: str
    name: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"


class Owners:
    """What tables.yml says: a table's own line goes before its schema's."""

    def __init__(self) -> None:
        self._lines = {
            Table(*name.split(".")): (package, kind == "publishes")
            for package, kinds in STATED.items()
            for kind, names in kinds.items()
            for name in names
        }

    def problem(self, package: str, table: Table) -> str | None:
        owner, is_published = self._lines.get(table) or self._lines.get(Table(table.schema, ANY), ("", False))
        if package == owner or is_published or package == "warehouse":
            return None
        return f"{package} names {table}, which {owner or 'nobody'} {'does not publish' if owner else 'owns'}"


def named_in_sql(text: str) -> Iterator[Table]:
    """Every qualified name of a known schema outside comments; in function bodies, whole strings and Jinja as well."""
    text = DBT_SOURCE.sub(r"\1.\2", COMMENT.sub("", text))
    for jinja in JINJA.findall(text):
        yield from (Table(*found) for found in QUALIFIED.findall(jinja))
    tokens = sqlglot.tokenize(JINJA.sub("{}", text), dialect="postgres")
    for place, token in enumerate(tokens):
        if token.token_type == TokenType.HEREDOC_STRING:
            yield from named_in_sql(token.text)
        elif token.token_type == TokenType.STRING and QUALIFIED.fullmatch(token.text):
            yield Table(*token.text.split("."))
        elif token.text in SCHEMAS and tokens[place + 1 : place + 2] and tokens[place + 1].text == ".":
            name = tokens[place + 2].text if place + 2 < len(tokens) else ANY
            yield Table(token.text, name if name.isidentifier() else ANY)


def named_in_python(source: str) -> Iterator[Table]:
    """What its strings name, f-strings as one, and what it composes of identifiers; docstrings are no SQL."""
    tree = ast.parse(source)
    skipped = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    skipped |= {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = (str(p.value) if isinstance(p, ast.Constant) else "{}" for p in node.values)
            yield from named_in_string("".join(parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            yield from named_in_string(node.value)
        elif (
            isinstance(node, ast.Call)
            and ast.unparse(node.func).endswith("Identifier")
            and len(node.args) == 2
        ):
            schema, name = node.args
            branches = (name.body, name.orelse) if isinstance(name, ast.IfExp) else (name,)
            if isinstance(schema, ast.Constant) and schema.value in SCHEMAS:
                yield from (
                    Table(schema.value, b.value if isinstance(b, ast.Constant) else ANY) for b in branches
                )


def named_in_string(text: str) -> Iterator[Table]:
    if "." not in text or not any(schema in text for schema in SCHEMAS):
        return
    try:
        yield from named_in_sql(text)
    except TokenError:  # prose with an apostrophe: whatever it names counts
        yield from (Table(*found) for found in QUALIFIED.findall(DBT_SOURCE.sub(r"\1.\2", text)))


def texts() -> Iterator[tuple[str, Path]]:
    """Every file that may hold SQL, with the package that it belongs to."""
    for path in sorted([*AKRIM.rglob("*.py"), *AKRIM.rglob("*.sql")]):
        parts = path.relative_to(AKRIM).parts
        yield parts[0] if len(parts) > 1 else path.stem, path
    for path in sorted([*DBT.rglob("*.sql"), *DBT.rglob("*.yml")]):
        if "target" not in path.parts:
            yield "dbt_project", path
    for folder in ("dags", "expectations", "plugins"):
        yield from ((folder, path) for path in sorted((ROOT / folder).rglob("*.py")))


def named() -> Iterator[tuple[str, Path, Table]]:
    for package, path in texts():
        find = {".py": named_in_python, ".sql": named_in_sql, ".yml": named_in_string}[path.suffix]
        yield from ((package, path, table) for table in set(find(path.read_text())))


def test_no_package_names_what_another_keeps_to_itself() -> None:
    owners = Owners()
    problems = {
        f"{path.relative_to(ROOT)}: {problem}"
        for package, path, table in named()
        if (problem := owners.problem(package, table)) and str(table) not in FILES
    }
    assert not problems, "\n".join(sorted(problems))


def test_every_schema_that_is_made_is_stated() -> None:
    """By its schemas the test above knows a table."""
    revisions = "".join(path.read_text() for path in (AKRIM / "warehouse/migrations/versions").glob("*.*"))
    assert {"linkage", "shared_rows"} <= {*MADE_SCHEMA.findall(revisions)} <= SCHEMAS


def test_what_is_stated_is_named_by_its_owner_and_published_for_somebody() -> None:
    """A table that is gone, or that nobody else reads, does not stay on the list."""
    names: dict[str, set[str]] = {}
    for package, _, table in named():
        for name in (str(table), f"{table.schema}.{ANY}"):
            names.setdefault(name, set()).add(package)
    for package, kinds in STATED.items():
        for name in kinds["publishes"]:
            is_for_people = any(name.split(".")[0] in schemas for schemas in READABLE.values())
            assert is_for_people or names.get(name, set()) - {package}, f"{name}: nobody else reads it"
        for name in kinds.get("keeps", []):
            # dbt's own schemas are named by its refs.
            assert name.endswith(ANY) or names.get(name, set()) & {package, "warehouse"}, f"{name} is gone"


def test_what_linkage_has_is_written_by_linkage_alone() -> None:
    """Also what it publishes, so that replacing Splink touches nothing else; warehouse makes and migrates every table."""
    writers = {package for package, path in texts() if WRITTEN_LINKAGE.search(path.read_text())}
    assert "linkage" in writers
    assert writers <= {"linkage", "warehouse"}


@pytest.mark.parametrize(
    ("text", "table"),
    [
        ("select 1 from linkage.memberships as m where m.person_id = %s", "linkage.memberships"),
        ('with a as (select 1) delete from a using "linkage"."findings" as f where {x}', "linkage.findings"),
        ("select * from {{ source('linkage', 'findings') }} -- linkage.persons", "linkage.findings"),
        ("select to_regclass('linkage.persons') is not null", "linkage.persons"),
        (
            "create function f() returns text language sql as $$ select x from linkage.findings $$",
            "linkage.findings",
        ),
    ],
)
def test_an_intruder_is_caught(text: str, table: str) -> None:
    (found,) = named_in_sql(text)
    assert str(found) == table
    assert Owners().problem("releases", found) == f"releases names {table}, which linkage does not publish"
    assert Owners().problem("linkage", found) is None


@pytest.mark.parametrize(
    ("source", "table"),
    [
        ('QUERY = "select 1 from linkage.memberships"', "linkage.memberships"),
        ('run(f"select {column} from linkage.findings where {column} = 1")', "linkage.findings"),
        ('run(f"delete from linkage.{table}")', "linkage.*"),
        ('sql.Identifier("linkage", table)', "linkage.*"),
        ('raise UserError("It isn\'t in linkage.persons.")', "linkage.persons"),
    ],
)
def test_an_intruder_in_python_is_caught(source: str, table: str) -> None:
    (found,) = named_in_python(f'"""About linkage.findings."""\n{source}')
    assert str(found) == table
    assert Owners().problem("dbt_project", found)
