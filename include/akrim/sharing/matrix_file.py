"""Reads the sharing matrix from its file, and says what is wrong with one.

`matrix.yml` beside this file is the working assumption that comes with the program; an installation names its own.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from akrim.contracts import NATIONAL, centres
from akrim.errors import UserError
from akrim.periods import today
from akrim.plain_yaml import read_yaml
from akrim.settings import get_settings
from akrim.sharing.matrix import ASSESSMENT, CENTRES, DECISIONS, NOMINATORS, Line, Matrix, classified, split

IMPOSSIBLE = (
    (ASSESSMENT, "hit", "no rule can be computed from a hit; the assessment needs content or nothing"),
    (
        NOMINATORS,
        "content",
        f"{NOMINATORS} are told that there is an answer and of which kind, by a hit, or nothing",
    ),
    (NATIONAL, "content", f"no content is shared with {NATIONAL}; it is told hits, or nothing"),
)
OWN_PATH = Path(str(files("akrim.sharing").joinpath("matrix.yml")))


def load_matrix() -> Matrix:
    """The installation's matrix, or the one that comes with the program.

    Raises UserError that names the line and what is wrong with it.
    """
    return read_matrix(matrix_path())


def state_of_matrix() -> str:
    """The matrix in one line; raises UserError where it is wrong, leaves a kind of data without a line, or is approved by nobody."""
    matrix = load_matrix()
    if unsettled := matrix.unsettled():
        kept = matrix.withheld(today()).get(ASSESSMENT, {})
        of = {
            "these are not taken in": [data for data in unsettled if data in kept],
            "these are, by their contract alone": [data for data in unsettled if data not in kept],
        }
        told = "; ".join(f"{what}: {', '.join(data)}" for what, data in of.items() if data)
        raise UserError(
            f"No line is about data that agencies deliver for the assessment; {told}.",
            str(matrix_path()),
            "Write a line for each, or end one by its until_date where they are to stay out.",
        )
    require_approved()
    return f"{len(matrix.lines)} lines, {matrix.status}"


def require_approved() -> None:
    """Raise UserError where the data are of real people and nobody has approved the matrix."""
    if get_settings().data_mode == "production" and load_matrix().status != "approved":
        raise UserError(
            "The sharing matrix is a working assumption that nobody has approved.",
            str(matrix_path()),
            "Have a copy reviewed (docs/sharing.md), and name it: AKRIM_SHARING.",
        )


def matrix_path() -> Path:
    """The file that holds the matrix in use."""
    return get_settings().sharing or OWN_PATH


def read_matrix(path: Path) -> Matrix:
    """The matrix in the file; raises UserError that names the line and what is wrong with it."""
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        raise UserError(
            "The sharing matrix cannot be read.", str(path), "AKRIM_SHARING names its file."
        ) from None
    return _read(path, changed)


@lru_cache
def _read(path: Path, _changed: int) -> Matrix:
    content = read_yaml(path, "sharing matrix", "Compare it with docs/sharing.md.")
    try:
        matrix = Matrix.model_validate(content)
    except ValidationError as error:
        wrong, do = list(_faults(error, content)), "Each line needs every field that docs/sharing.md names"
    else:
        do = "Put that right, or take the line out"
        wrong = list(_contradictions(matrix))
        if not wrong:
            return matrix
    raise UserError(
        "The sharing matrix is wrong:" + "".join(f"\n  {fault}" for fault in wrong),
        str(path),
        f"{do}; `akrim doctor` looks again.",
    )


def _faults(error: ValidationError, content: dict[str, Any]) -> Iterator[str]:
    """Each fault by its line's name and field, without the value."""
    lines = content.get("lines")
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
        yield f"no contract is of an agency {line.agency[:40]!r}, neither here nor in AKRIM_CONTRACTS"
    else:
        for category in line.categories:
            if f"{line.agency}.{category}" not in known:
                yield f"no field of {line.agency}'s contract is classified {category[:40]!r}"
    for recipient in sorted(set(line.to) - {ASSESSMENT, CENTRES, NATIONAL, NOMINATORS, *centres()}):
        yield f"{recipient[:40]!r} is neither {ASSESSMENT}, {CENTRES}, {NATIONAL}, {NOMINATORS} nor a centre"
    if NOMINATORS in line.to and {f"{line.agency}.{category}" for category in line.categories} != {DECISIONS}:
        yield f"{NOMINATORS} are told nothing but {DECISIONS}"
    if line.purpose not in purposes:
        yield f"its purpose {line.purpose[:40]!r} is not stated under purposes"
    if line.until_date and line.until_date < line.from_date:
        yield "it ends before it begins"
    yield from (
        fault for recipient, share, fault in IMPOSSIBLE if line.share == share and recipient in line.to
    )


def _repeated(names: Iterable[str]) -> list[str]:
    return sorted(name for name, times in Counter(names).items() if times > 1)
