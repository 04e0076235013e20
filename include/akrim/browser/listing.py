"""Lists on pages: cut into pages, with addresses that keep what else was asked for."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from fastapi import Query

ROWS_A_PAGE = 50
# Beyond it an offset is no integer of the database's.
Page = Annotated[int, Query(le=10_000_000)]
Row = dict[str, Any]


class Listed(NamedTuple):
    """One page of a list: its rows, which page it is, of how many, and whether another follows."""

    rows: Sequence[Row]
    page: int
    pages: int
    total: int


def cut(rows: Sequence[Row], page: int) -> Listed:
    """A page of rows that are all here; a page that is not there is the last."""
    page = within(page, len(rows))
    return of_total(rows[(page - 1) * ROWS_A_PAGE : page * ROWS_A_PAGE], page, len(rows))


def of_total(rows: Sequence[Row], page: int, total: int) -> Listed:
    """The rows of one page of so many in all."""
    return Listed(rows, page, _pages(total), total)


def read_page(read: Callable[[int, int], Sequence[Row]], page: int) -> Listed:
    """A page of rows that are read for it alone; the first where there is none so far on.

    Args:
        read: gives so many rows after so many, each with how many there are in `total`.
    """
    page = max(page, 1)
    rows = read(ROWS_A_PAGE, (page - 1) * ROWS_A_PAGE)
    if not rows and page > 1:
        return read_page(read, 1)
    return of_total(rows, page, rows[0]["total"] if rows else 0)


def within(page: int, total: int) -> int:
    """The page, or the nearest that there is."""
    return min(max(page, 1), _pages(total))


def _pages(total: int) -> int:
    return max(1, -(-total // ROWS_A_PAGE))


def address(of: str, **changes: object) -> str:
    """That page's address with some of its query changed; what is empty is left out, and the language is kept elsewhere."""
    path, _, query = of.partition("?")
    asked = dict(parse_qsl(query)) | {"language": ""} | changes
    return f"{path}?" + urlencode({name: value for name, value in asked.items() if value not in ("", None)})
