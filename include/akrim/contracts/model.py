"""Contracts as the pipeline uses them: agencies, their extracts, and the columns' rules, independent of file formats.

A nested JSON field is one column, with its `path` as delivered ('person.navn.fornavn') and its `name` as landed
('person_navn_fornavn').
"""

from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Literal

Kind = Literal["text", "date", "integer", "decimal", "boolean", "text_list"]
# By the standard's name for it.
KINDS: dict[str, Kind] = {
    "string": "text", "date": "date", "integer": "integer", "number": "decimal", "boolean": "boolean", "array": "text_list",
}  # fmt: skip
FormatName = Literal["csv", "jsonl.gz", "parquet", "xlsx"]
Meaning = Literal["personNumber", "orgnr", "release", "centre", "person", "group", "audience"]

REMOVED_COLUMN = "_slettet"
# In characters: two keys fit into one entry of an index, whatever their letters.
LONGEST_KEY = 300


def column_name(path: str) -> str:
    """What the field of this path is called in landing."""
    return path.replace(".", "_").lower()


@dataclass(frozen=True)
class Column:
    """One agreed field and its rules.

    `needed_with` is the optional object that a required field belongs to: without the object it is not required.
    """

    path: str
    kind: Kind
    is_key: bool = False
    is_required: bool = False
    needed_with: str = ""
    codes: tuple[str, ...] = ()
    never_load_others: bool = False
    is_prefilled: bool = False
    meaning: Meaning | None = None
    parent: tuple[str, str] | None = None
    date_format: str = "YYYY-MM-DD"
    is_future_allowed: bool = False
    minimum: float | None = None
    maximum: float | None = None
    category: str = ""
    description: str = ""
    labels: dict[str, str] = field(default_factory=dict, hash=False)

    @property
    def name(self) -> str:
        """The column's name in landing: lower case, nested names joined by an underscore."""
        return column_name(self.path)


@dataclass(frozen=True)
class Format:
    """How an extract's file is written."""

    name: FormatName
    encoding: str
    delimiter: str


@dataclass(frozen=True)
class Extract:
    """One kind of file of one agency.

    A full delivery may leave out an optional extract, which then has no rows.
    """

    agency: str
    name: str
    columns: tuple[Column, ...]
    formats: tuple[Format, ...]
    is_append_only: bool = False
    is_optional: bool = False
    exactly_one_of: tuple[str, ...] = ()
    is_open: bool = False
    legal_basis: str = ""
    description: str = ""
    row_count_limits: tuple[int, int] = (0, 100_000_000)
    quarantine_share: float = 0.05
    quarantine_rows: int = 10
    # Beyond these shares of the usual number of rows an extract is shrunken or swollen, where so many rows more or fewer are.
    fewest_share: float = 0.5
    most_share: float = 2.0
    fewest_rows: int = 100
    largest_file_bytes: int = 4 * 1024**3
    # How many times its own size a file may unpack to, and the largest unpacked size; up to 64 MiB is always allowed.
    largest_expansion: int = 50
    largest_unpacked_bytes: int = 16 * 1024**3
    most_rows: int = 50_000_000
    longest_value_bytes: int = 1024**2
    deepest_nesting: int = 32

    @property
    def table(self) -> str:
        """The extract's table in the schemas landing and state."""
        return f"{self.agency}_{self.name}"

    @cached_property
    def key(self) -> Column:
        return next(column for column in self.columns if column.is_key)

    @property
    def category(self) -> str:
        """What kind of data a row is: the key's."""
        return self.key.category

    @property
    def protection(self) -> Column | None:
        """The column that grades the protection of an address: its codes rise from `ugradert` to the strictest."""
        return next((column for column in self.columns if column.category == "protection"), None)

    @property
    def parents(self) -> tuple[tuple[Column, str], ...]:
        """The columns that point to another extract of the agency, each with that extract's name."""
        return tuple((column, column.parent[0]) for column in self.columns if column.parent)

    def columns_meaning(self, meaning: Meaning) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.meaning == meaning)

    def members(self, owner: str) -> tuple[Column, ...]:
        """The columns of a field named in `exactly_one_of`: itself, or all within an object."""
        return tuple(c for c in self.columns if c.path == owner or c.path.startswith(owner + "."))


@dataclass(frozen=True)
class Upgrade:
    """How one extract differs from the version before: fields by path, codes by the present field's path."""

    added: tuple[str, ...]
    renamed: dict[str, str] = field(hash=False)  # then: now
    codes: dict[str, dict[str, str]] = field(hash=False)  # field: then: now

    def earlier(self, extract: Extract) -> Extract:
        """The extract as its file was agreed then."""
        then = {now: before for before, now in self.renamed.items()}
        columns = (
            replace(c, path=then.get(c.path, c.path), codes=(*c.codes, *self.codes.get(c.path, ())))
            for c in extract.columns
            if c.path not in self.added
        )
        return replace(extract, columns=tuple(columns))


@dataclass(frozen=True)
class EarlierVersion:
    """A version that deliveries may still state whose `delivered_at` is no later than the date."""

    version: str
    accepted_until: date
    extracts: dict[str, Upgrade] = field(hash=False)


@dataclass(frozen=True)
class Contract:
    """One agency's contract: its extracts, parents before children."""

    agency: str
    version: str
    extracts: tuple[Extract, ...]
    modes: tuple[str, ...]
    is_expected_each_period: bool
    is_append_only: bool
    purpose: str
    limitations: str
    earlier_versions: tuple[EarlierVersion, ...]

    def upgrades_of(self, extract: str, version: str | None = None) -> list[Upgrade]:
        """How the extract's rows of each earlier version, or of this one, become those of the present."""
        return [
            earlier.extracts[extract]
            for earlier in self.earlier_versions
            if extract in earlier.extracts and version in (None, earlier.version)
        ]

    def extract(self, name: str) -> Extract:
        return next(extract for extract in self.extracts if extract.name == name)
