"""Where there is room in a drawing: boxes that texts take, and whether one lies over others."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

# Left, upper, right and lower edge.
Box = tuple[float, float, float, float]
# The side of the squares that boxes are looked for in: about as wide as a dot with its number.
SQUARE = 20


def around(x: float, y: float, across: float, down: float) -> Box:
    """The box that reaches so far from its middle to either side, up and down."""
    return x - across, y - down, x + across, y + down


class Room:
    """What is taken in a drawing. A box is held against those in its own squares alone: thousands have their place found."""

    def __init__(self, taken: Iterable[Box] = ()) -> None:
        self._squares: dict[tuple[int, int], list[Box]] = defaultdict(list)
        for box in taken:
            self.take(box)

    def take(self, box: Box) -> None:
        """Let nothing lie over the box from now on."""
        for square in _squares(box):
            self._squares[square].append(box)

    def is_free(self, box: Box) -> bool:
        """Whether the box lies over none that is taken; they may touch."""
        left, upper, right, lower = box
        return not any(
            left < of_right and of_left < right and upper < of_lower and of_upper < lower
            for square in _squares(box)
            for of_left, of_upper, of_right, of_lower in self._squares.get(square, ())
        )


def _squares(box: Box) -> Iterator[tuple[int, int]]:
    left, upper, right, lower = (int(edge // SQUARE) for edge in box)
    return ((across, down) for across in range(left, right + 1) for down in range(upper, lower + 1))
