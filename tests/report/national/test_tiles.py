"""The drawing of the country: each centre has a tile of its own, and a number that is not shown is drawn as what it may be."""

import pyarrow as pa
from akrim.contracts import centres
from akrim.report.blocks import Block, Drawing
from akrim.report.national.tiles import tile_map, tiles
from akrim.report.wording import Words


def drawn(*counts: tuple[str, int, int]) -> list[Block]:
    rows = [
        {"scope": scope, "kind": "decided", "code": "trusselaktor", "at_least": least, "at_most": most}
        for scope, least, most in counts
    ]
    return list(tile_map({"national_counts": pa.Table.from_pylist(rows)}, Words("nb")))


def test_each_centre_has_a_place_of_its_own() -> None:
    assert set(tiles()) == set(centres())
    assert len({(tile["column"], tile["row"]) for tile in tiles().values()}) == len(tiles())


def test_a_small_number_is_hollow_up_to_what_it_may_be() -> None:
    (drawing,) = [block for block in drawn(("oslo", 8, 8), ("alta", 1, 4)) if isinstance(block, Drawing)]
    assert "Alta: sentral –, trussel under 5" in drawing.alt
    assert "Oslo: sentral –, trussel 8" in drawing.alt
    assert drawing.svg.count('class="other"') == 1


def test_without_a_decision_there_is_no_drawing() -> None:
    assert drawn(("oslo", 0, 0)) == []
