"""The sharing matrix: which kinds of an agency's data may reach whom, and on which legal basis; by default nothing does.

`matrix.yml` beside this file is the working assumption that comes with the program; an installation names its own.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from akrim.contracts import centres, load_contracts
from akrim.errors import UserError
from akrim.settings import get_settings

OWN_PATH = Path(str(files("akrim.sharing").joinpath("matrix.yml")))
ASSESSMENT, CENTRES = "assessment", "centres"
Share = Literal["content", "hit"]
Stated = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=400)]
Withheld = dict[str, dict[str, str]]


class Line(BaseModel):
    """One line: some categories of one agency's data, to these recipients, for this purpose, on this basis."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    line: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{2,39}$")]
    agency: str = Field(alias="from")
    categories: tuple[str, ...] = Field(min_length=1)
    to: tuple[str, ...] = Field(min_length=1)
    share: Share
    purpose: str
    basis: Stated
    proportionality: Stated
    from_date: date
    until_date: date | None = None
    question: Stated | None

    def is_in_force(self, on: date) -> bool:
        """Whether the line allows anything on that day; its last day counts."""
        return self.from_date <= on and (self.until_date is None or on <= self.until_date)


class Matrix(BaseModel):
    """The whole matrix."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    status: Literal["working assumption", "approved"]
    approved_by: Stated | None = None
    purposes: dict[str, Stated]
    lines: tuple[Line, ...]

    def withheld(self, on: date) -> Withheld:
        """What is kept from whom on that day: by recipient, `agency.category` and `nothing` or `hit` for what may be told.

        The recipients are the assessment and each centre; one that everything reaches is left out.
        """
        told = {recipient: self._told(recipient, on) for recipient in (ASSESSMENT, *centres())}
        everything = sorted(classified())
        found = {
            recipient: {
                data: shares.get(data, "nothing") for data in everything if shares.get(data) != "content"
            }
            for recipient, shares in told.items()
        }
        return {recipient: kept for recipient, kept in found.items() if kept}

    def at_the_door(self, agency: str, on: date) -> frozenset[str]:
        """The categories of the agency's data that may not even be taken in."""
        told = self._told(ASSESSMENT, on)
        return frozenset(
            category
            for of, category in map(split, classified())
            if of == agency and f"{of}.{category}" not in told
        )

    def unsettled(self) -> list[str]:
        """The `agency.category` of contracts' fields that no line names for the assessment, in force or not."""
        named = {
            f"{line.agency}.{category}"
            for line in self.lines
            for category in line.categories
            if ASSESSMENT in line.to
        }
        return sorted(classified() - named)

    def _told(self, recipient: str, on: date) -> dict[str, Share]:
        """What reaches the recipient; addresses only where it is known whose are protected."""
        told = self._by_lines(recipient, on)
        known = self._by_lines(ASSESSMENT, on)
        if not _protections() <= known.keys():
            return {data: share for data, share in told.items() if split(data)[1] != "address"}
        return told

    def _by_lines(self, recipient: str, on: date) -> dict[str, Share]:
        names = {recipient} | ({CENTRES} if recipient != ASSESSMENT else set())
        told: dict[str, Share] = {}
        if recipient == ASSESSMENT:
            told |= dict.fromkeys(_by_contract({line.agency for line in self.lines}), "content")
        for line in self.lines:
            if line.is_in_force(on) and names & set(line.to):
                for category in line.categories:
                    data = f"{line.agency}.{category}"
                    told[data] = "content" if "content" in (line.share, told.get(data)) else "hit"
        return told


def load_matrix() -> Matrix:
    """The installation's matrix, or the one that comes with the program.

    Raises UserError that names the line and what is wrong with it.
    """
    return read_matrix(matrix_path())


def state_of_matrix() -> str:
    """The matrix in one line; raises UserError where it is wrong, leaves a kind of data without a line, or is approved by nobody."""
    matrix = load_matrix()
    if unsettled := matrix.unsettled():
        raise UserError(
            f"No line lets these data into the assessment, so that they are not taken in: {', '.join(unsettled)}.",
            str(matrix_path()),
            "Write a line for each, or end one by its until_date where they are to stay out.",
        )
    if matrix.status != "approved" and get_settings().data_mode == "production":
        raise UserError(
            "The sharing matrix is a working assumption that nobody has approved.",
            str(matrix_path()),
            "Have a copy reviewed (docs/sharing.md), and name it: AKRIM_SHARING.",
        )
    return f"{len(matrix.lines)} lines, {matrix.status}"


def matrix_path() -> Path:
    """The file that holds the matrix in use."""
    return get_settings().sharing or OWN_PATH


def read_matrix(path: Path) -> Matrix:
    """The matrix in the file; raises UserError that names the line and what is wrong with it."""
    try:
        return _read(path, path.stat().st_mtime_ns)
    except OSError:
        raise UserError(
            "The sharing matrix cannot be read.", str(path), "AKRIM_SHARING names its file."
        ) from None


@lru_cache
def _read(path: Path, _changed: int) -> Matrix:
    try:
        matrix = Matrix.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except (yaml.YAMLError, UnicodeDecodeError):
        raise UserError(
            "The sharing matrix is no YAML.", str(path), "Compare it with docs/sharing.md."
        ) from None
    except ValidationError as error:
        raise UserError(
            "The sharing matrix is wrong:" + "".join(f"\n  {fault}" for fault in _faults(error, path)),
            str(path),
            "Each line needs every field of docs/sharing.md.",
        ) from None
    wrong = list(_contradictions(matrix))
    if wrong:
        raise UserError(
            "The sharing matrix is wrong:" + "".join(f"\n  {fault}" for fault in wrong),
            str(path),
            "`akrim doctor` looks again.",
        )
    return matrix


def classified() -> frozenset[str]:
    """`agency.category` of every field of every contract."""
    return frozenset(
        f"{extract.agency}.{column.category}"
        for contract in load_contracts().values()
        for extract in contract.extracts
        for column in extract.columns
    )


def split(data: str) -> tuple[str, str]:
    """The agency and the category of `agency.category`."""
    agency, _, category = data.partition(".")
    return agency, category


def _by_contract(in_matrix: set[str]) -> Iterator[str]:
    """The data of an agency whom the matrix does not know yet, of extracts that state a legal basis in their contract."""
    for agency in load_contracts().keys() - in_matrix:
        for extract in load_contracts()[agency].extracts:
            if extract.legal_basis:
                yield from (f"{agency}.{column.category}" for column in extract.columns)


def _protections() -> frozenset[str]:
    return frozenset(data for data in classified() if split(data)[1] == "protection")


def _faults(error: ValidationError, path: Path) -> Iterator[str]:
    """Each fault by its line's name and field, without the value."""
    written = yaml.safe_load(path.read_text("utf-8"))
    lines = written.get("lines") if isinstance(written, dict) else None
    for fault in error.errors(include_url=False, include_input=False, include_context=False)[:10]:
        place = list(fault["loc"])
        if len(place) > 1 and place[0] == "lines" and isinstance(lines, list) and isinstance(place[1], int):
            entry = lines[place[1]]
            name = entry.get("line") if isinstance(entry, dict) else None
            place = [f"line {name if isinstance(name, str) else place[1] + 1}", *place[2:]]
        yield f"{', '.join(map(str, place)) or 'the file'}: {fault['msg']}"


def _contradictions(matrix: Matrix) -> Iterator[str]:
    """What no single field is wrong with."""
    for name in _repeated(line.line for line in matrix.lines):
        yield f"line {name}: it stands there twice"
    for line in matrix.lines:
        yield from (f"line {line.line}: {fault}" for fault in _contradictions_of(line, matrix.purposes))
    if matrix.status == "approved" and not matrix.approved_by:
        yield "approved_by: an approved matrix says by whom and when"


def _contradictions_of(line: Line, purposes: Iterable[str]) -> Iterator[str]:
    known = classified()
    if line.agency not in {agency for agency, _ in map(split, known)}:
        yield f"no contract is of an agency {line.agency[:40]!r}"
    else:
        for category in line.categories:
            if f"{line.agency}.{category}" not in known:
                yield f"no field of {line.agency}'s contract is classified {category[:40]!r}"
    for recipient in sorted(set(line.to) - {ASSESSMENT, CENTRES, *centres()}):
        yield f"{recipient[:40]!r} is neither {ASSESSMENT}, {CENTRES} nor a centre"
    if line.purpose not in purposes:
        yield f"its purpose {line.purpose[:40]!r} is not stated under purposes"
    if line.until_date and line.until_date < line.from_date:
        yield "it ends before it begins"
    if line.share == "hit" and ASSESSMENT in line.to:
        yield "no rule can be computed from a hit; the assessment needs content or nothing"


def _repeated(names: Iterable[str]) -> list[str]:
    listed = list(names)
    return sorted({name for name in listed if listed.count(name) > 1})
