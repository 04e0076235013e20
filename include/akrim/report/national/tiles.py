"""The country in a drawing: a tile for each centre, as they lie to each other, with how many its team has given each status."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from akrim.own_yaml import read_own
from akrim.report.blocks import Block, Heading, Paragraph
from akrim.report.drawings.panels import Bar, Panel, draw_panels
from akrim.report.national.counts import STATUSES, Numbers, in_words, numbers
from akrim.report.wording import Words
from akrim.sharing import Tables

WIDTH, HEIGHT, GAP, ROW = 188, 62, 16, 124


def tile_map(tables: Tables, words: Words) -> Sequence[Block]:
    """Small columns in each tile, all by one scale; nothing where no team has decided anything."""
    told = numbers(tables)
    panels = [
        Panel(
            tile["name"],
            [_bar(told, centre_id, status, words) for status in STATUSES],
            x=tile["column"] * (WIDTH + GAP),
            y=tile["row"] * ROW,
            width=WIDTH,
            height=HEIGHT,
        )
        for centre_id, tile in tiles().items()
    ]
    highest = max(bar.total for panel in panels for bar in panel.bars)
    if not highest:
        return ()
    height = (1 + max(tile["row"] for tile in tiles().values())) * ROW
    return (
        Heading(words("national_map")),
        draw_panels(panels, "; ".join(_in_words(panel) for panel in panels), height, highest),
        Paragraph(words("national_map_note"), "note"),
    )


def tiles() -> dict[str, dict[str, Any]]:
    """Each centre's name, column and row."""
    found: dict[str, dict[str, Any]] = read_own(files("akrim.report.national").joinpath("tiles.yml"))
    return found


def _bar(told: Numbers, centre_id: str, status: str, words: Words) -> Bar:
    """As many as there are at least, and hollow above it as many as there may be more."""
    number = told.get((centre_id, "decided", status))
    at_least, at_most = number or (0, 0)
    return Bar(
        [("leading", at_least), ("other", at_most - at_least)],
        in_words(number, words),
        [words(f"national_map_{status}")],
    )


def _in_words(panel: Panel) -> str:
    return f"{panel.title}: {', '.join(f'{bar.label[0]} {bar.said}' for bar in panel.bars)}"
