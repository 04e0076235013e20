"""Where there is room in a drawing: boxes that texts take, and whether one lies over others."""

from collections.abc import Iterable

# Left, upper, right and lower edge.
Box = tuple[float, float, float, float]


def around(x: float, y: float, across: float, down: float) -> Box:
    """The box that reaches so far from its middle to either side, up and down."""
    return x - across, y - down, x + across, y + down


def is_free(box: Box, taken: Iterable[Box]) -> bool:
    """Whether the box lies over none of the others; they may touch."""
    left, upper, right, lower = box
    return not any(
        left < of_right and of_left < right and upper < of_lower and of_upper < lower
        for of_left, of_upper, of_right, of_lower in taken
    )
