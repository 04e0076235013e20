"""Numbers of persons: the key figures, each centre's beside the others', and where those live whom no centre has."""

from collections.abc import Mapping, Sequence
from typing import Literal

from akrim.contracts import DISMISSED, NATIONAL, WITHOUT_CENTRE, centres, statuses
from akrim.report.blocks import Block, Column, Figures, Heading, Paragraph, Table, Text
from akrim.report.wording import DASH, Words
from akrim.sharing import Tables
from akrim.sharing.national import HIDDEN

STATUSES = tuple(status for status in statuses() if status != DISMISSED)
Numbers = dict[tuple[str, str, str], tuple[int, int]]


def numbers(tables: Tables) -> Numbers:
    """The counts, each as the least and the most that it may be."""
    rows = tables["national_counts"].to_pylist()
    return {(r["scope"], r["kind"], r["code"]): (r["at_least"], r["at_most"]) for r in rows}


def in_words(told: tuple[int, int] | None, words: Words) -> str:
    """A number as it is told; 1 to 4 in words."""
    if told is None:
        return DASH
    at_least, at_most = told
    if at_least == at_most:
        return words.number(at_least)
    if told == HIDDEN:
        return words("under_five")
    return f"{words.number(at_least)}{DASH}{words.number(at_most)}"


def figures(tables: Tables, words: Words) -> Figures:
    """The key figures of the country."""
    told = numbers(tables)
    entries = (
        ("listed", (NATIONAL, "listed", "all")),
        ("actors", (NATIONAL, "actors", "all")),
        ("several", (NATIONAL, "several_lists", "all")),
        ("without", (WITHOUT_CENTRE, "listed", "all")),
    )
    return Figures(
        words("figures"),
        [
            (
                in_words(told[key], words),
                words(f"national_figure_{name}"),
                words(f"national_figure_{name}_note"),
            )
            for name, key in entries
        ],
    )


def by_centre(tables: Tables, words: Words) -> Sequence[Block]:
    """Each centre's numbers, in the order of their names: decided by the teams, and what is proposed to them."""
    told = numbers(tables)
    scopes = (*sorted(centres(), key=lambda scope: words.label("centre", scope)), WITHOUT_CENTRE, NATIONAL)
    decided = (
        ("considered", "all"),
        ("listed", "all"),
        *(("decided", code) for code in (*STATUSES, DISMISSED)),
    )
    proposed = (*(("proposed", code) for code in (*STATUSES, "none")),)
    return (
        Heading(words("national_decided")),
        Table(_header(decided, words), [_line(scope, decided, told, words) for scope in scopes]),
        Heading(words("national_proposed")),
        Table(_header(proposed, words), [_line(scope, proposed, told, words) for scope in scopes]),
        Paragraph(words("national_compare"), "note"),
    )


def municipalities(tables: Tables, named: Mapping[str, str], words: Words) -> Sequence[Block]:
    """Where those live whom no centre has, and what the rules propose of them."""
    told = numbers(tables)
    note = Paragraph(words("national_without_note"))
    found = {code: number for (_, kind, code), number in told.items() if kind == "municipality"}
    if not found:
        return note, Paragraph(words("national_without_none"))
    names = {code: words("national_other") if code == "other" else named.get(code, code) for code in found}
    in_order = sorted(found, key=lambda code: (code == "other", names[code]))
    header = [Column(words("municipality"), "heading", 1), Column(words("national_listed"), "number")]
    return (
        note,
        _proposed_without_centre(told, words),
        Table(header, [(names[code], in_words(found[code], words)) for code in in_order]),
        Paragraph(words("national_without_small"), "note"),
    )


def _proposed_without_centre(told: Numbers, words: Words) -> Table:
    header = [Column(words("proposed"), "heading", 1), Column(words("national_listed"), "number")]
    names = {code: words.label("status", code) for code in STATUSES} | {"none": words("status_none")}
    proposed = [
        (name, in_words(told[WITHOUT_CENTRE, "proposed", code], words)) for code, name in names.items()
    ]
    in_all = (
        Text(words("national_in_all"), "strong"),
        in_words(told[WITHOUT_CENTRE, "listed", "all"], words),
    )
    return Table(header, [*proposed, in_all])


def _header(cells: Sequence[tuple[str, str]], words: Words) -> list[Column]:
    titles = (_title(kind, code, words) for kind, code in cells)
    return [Column(words("national_scope"), "heading", 1.4), *(Column(title, "number") for title in titles)]


def _title(kind: str, code: str, words: Words) -> str:
    """Of a column: all of that kind, those without a status, or those with one."""
    if code == "all":
        return words(f"national_{kind}_short")
    return words("status_none") if code == "none" else words.label("status", code)


def _line(scope: str, cells: Sequence[tuple[str, str]], told: Numbers, words: Words) -> Sequence[str | Text]:
    style: Literal["", "strong"] = "strong" if scope == NATIONAL else ""
    name = words("scope_national") if scope == NATIONAL else words.label("centre", scope)
    return (Text(name, style), *(Text(in_words(told.get((scope, *cell)), words), style) for cell in cells))
