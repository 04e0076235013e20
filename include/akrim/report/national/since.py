"""What moved in the country since the release before, and of a revision since the last one of the period before."""

from collections.abc import Iterator, Mapping, Sequence

from akrim.contracts import NATIONAL, WITHOUT_CENTRE
from akrim.report.blocks import Block, Heading, Paragraph, Table, columns
from akrim.report.national.counts import in_words
from akrim.report.wording import Words
from akrim.sharing import Tables
from akrim.sharing.national import FigureChange, moved_figures, new_on_several

# Of a centre how many are listed and how many have a status; nationally, and of those without a centre, all but where they live.
OF_CENTRES = ("listed", "actors")


def since_last(
    earlier: Mapping[str, tuple[str | None, Tables]], tables: Tables, words: Words
) -> Sequence[Block]:
    """The figures that moved, before and now; nothing where there was no national part before.

    Args:
        earlier: the releases to compare with and their national parts, each by the key of its heading.
    """
    blocks = [
        block
        for heading, (release_id, before) in earlier.items()
        if release_id is not None and before
        for block in _since(words(heading, previous=release_id), before, tables, words)
    ]
    return (*blocks, Paragraph(words("national_since_note"), "note")) if blocks else ()


def _since(heading: str, before: Tables, tables: Tables, words: Words) -> Iterator[Block]:
    units = {row["measure"]: row["unit"] for row in tables["national_measures"].to_pylist()}
    # The country last, as in every other table.
    shown = sorted(
        filter(_is_shown, moved_figures(before, tables)), key=lambda moved: moved.scope == NATIONAL
    )
    header = columns(
        words,
        national_scope=("heading", 1),
        national_figure=("prose", 1.6),
        national_before="number",
        national_now="number",
    )
    lines = [
        (
            words("scope_national") if moved.scope == NATIONAL else words.label("centre", moved.scope),
            _figure(moved, words),
            *(_number(moved, told, units, words) for told in (moved.before, moved.after)),
        )
        for moved in shown
    ]
    new = new_on_several(before, tables)
    yield Heading(heading)
    yield Table(header, lines, words("national_since_none"))
    yield Paragraph(words("national_new_on_several", number=in_words(new, words)) if new else "")


def _is_shown(moved: FigureChange) -> bool:
    return moved.kind in OF_CENTRES or (
        moved.scope in (NATIONAL, WITHOUT_CENTRE) and moved.kind != "municipality"
    )


def _figure(moved: FigureChange, words: Words) -> str:
    if moved.kind == "measure":
        return f"{words.label('measure', moved.code)}, {moved.period}"
    if moved.code == "all":
        return words(f"national_kind_{moved.kind}")
    status = words("status_none") if moved.code == "none" else words.label("status", moved.code)
    return f"{status} ({words(f'national_kind_{moved.kind}')})"


def _number(moved: FigureChange, told: tuple[int, int] | None, units: dict[str, str], words: Words) -> str:
    if told and moved.kind == "measure" and units.get(moved.code) == "nok":
        return words("kroner", amount=words.number(told[0]))
    return in_words(told, words)
