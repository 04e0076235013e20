"""Where there is room in a drawing, looked for square by square, against a look at every box."""

from akrim.report.drawings.room import Box, Room, around
from hypothesis import given
from hypothesis import strategies as st

# Half numbers: boxes that touch, and edges on those of the squares, are then not rare.
PLACES = st.integers(-100, 1600).map(lambda number: number / 2)
REACHES = st.integers(0, 120).map(lambda number: number / 2)
BOXES = st.builds(around, PLACES, PLACES, REACHES, REACHES)


def lies_over(one: Box, other: Box) -> bool:
    across = one[0] < other[2] and other[0] < one[2]
    return across and one[1] < other[3] and other[1] < one[3]


@given(st.lists(BOXES, max_size=40), st.lists(BOXES, max_size=10))
def test_a_box_is_free_where_it_lies_over_none(taken: list[Box], tried: list[Box]) -> None:
    room = Room(taken)
    for box in tried:
        assert room.is_free(box) is not any(lies_over(box, other) for other in taken)


def test_boxes_that_touch_are_free() -> None:
    room = Room([(0, 0, 20, 20)])
    assert room.is_free((20, 0, 40, 20))
    assert not room.is_free((19.5, 0, 40, 20))
    room.take((20, 0, 40, 20))
    assert not room.is_free((20, 0, 40, 20))
