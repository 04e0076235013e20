"""The blocks that the report's sections are made of. HTML and PDF each lay out every kind of block in one place.

A block holds finished texts in the reader's language. What differs between screen and paper, such as page breaks and the
search of the list, is the renderer's business.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from akrim.report.wording import Words


@dataclass(frozen=True)
class Text:
    """A run of text: `line` is on a line of its own, `below` so in small print, `alert` what must be seen; `sign` is a glyph before it."""

    text: str
    style: Literal["", "strong", "small", "line", "below", "alert"] = ""
    sign: str = ""


@dataclass(frozen=True)
class Name:
    """A name, or words, that lead to `target` on the page where it has one; `anchor` is where others' links lead to it."""

    text: str
    target: str = ""
    anchor: str = ""


@dataclass(frozen=True)
class More:
    """Further lines in small print: folded on screen, only their number on paper."""

    summary: str
    lines: Sequence[str]


Kind = Literal["text", "heading", "number", "short", "prose", "bar"]
Run = str | Text | Name | More
Content = Run | Sequence[Run]


class Block:
    """A part of a section."""

    @property
    def kind(self) -> str:
        """What the renderers call it."""
        return type(self).__name__.lower()


@dataclass(frozen=True)
class Heading(Block):
    """A heading within a section, of level 1 or 2."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Paragraph(Block):
    """A paragraph; one without text is left out."""

    content: Content
    style: Literal["", "lead", "note"] = ""


def left_out_note(key: str, number: int, words: Words) -> Paragraph:
    """How many more there are than are told of; left out where there are none."""
    return Paragraph(words.counted(key, number) if number > 0 else "", "note")


@dataclass(frozen=True)
class Notice(Block):
    """A warning in a box; one without text is left out."""

    text: str
    items: Sequence[str] = ()


@dataclass(frozen=True)
class Listing(Block):
    """A bulleted list; `empty` is said where it has no items."""

    items: Sequence[Content]
    empty: str = ""


@dataclass(frozen=True)
class Figures(Block):
    """Key figures: number, label and a note of each. The title is for those who cannot see that they belong together."""

    title: str
    items: Sequence[tuple[str, str, str]]


@dataclass(frozen=True)
class Facts(Block):
    """Labels with their texts."""

    items: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Column:
    """A table's column.

    Attributes:
        kind: `heading` says what the row is about, `short` is never broken, `prose` is long, `bar` is a share from 0 to 100.
        width: the printed column's part of the width that is left; 0 is as wide as its content.
    """

    title: str
    kind: Kind = "text"
    width: float = 0


def columns(words: Callable[[str], str], **shapes: Kind | float | tuple[Kind, float]) -> list[Column]:
    """Columns headed by the texts of those names, each with its kind, its printed width or both."""
    return [
        Column(words(key), *shape)
        if isinstance(shape, tuple)
        else Column(words(key), shape)
        if isinstance(shape, str)
        else Column(words(key), width=shape)
        for key, shape in shapes.items()
    ]


@dataclass(frozen=True)
class Table(Block):
    """A table; `empty` is said where it has no rows. On paper it has the first `printed` rows, or all.

    Where the report tells of only the first, `left_out` is how many more there are, and `more` says so on screen; paper says how many
    it leaves out in all.
    """

    columns: Sequence[Column]
    rows: Sequence[Sequence[Content | int]]
    empty: str = ""
    printed: int | None = None
    left_out: int = 0
    more: Content = ""


@dataclass(frozen=True)
class Line:
    """A person's row in the ranked list, with what the list is sorted, searched and filtered by.

    Attributes:
        order: what each column is sorted by.
        flags: which of the list's tick-box filters let the row through.
        filters: the row's values of each of the list's choices.
        search: what is found in the row beside what it shows.
    """

    cells: Sequence[Content]
    anchor: str
    order: Sequence[str | int]
    flags: Sequence[str]
    filters: Mapping[str, Sequence[str]]
    search: str


@dataclass(frozen=True)
class Group:
    """Rows of the ranked list under a title of their own; those that are set aside stay last however the list is sorted."""

    title: str
    lines: Sequence[Line]
    note: str = ""
    is_aside: bool = False


@dataclass(frozen=True)
class Choice:
    """What the list can be narrowed to by one value of several, each with its label."""

    name: str
    label: str
    values: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Ranking(Block):
    """The ranked list in groups, to be sorted, searched and narrowed on screen.

    Attributes:
        choices: the lists to choose one value from.
        flags: the tick boxes: name and label.
        printed: of how many persons the director's PDF has a row.
    """

    columns: Sequence[Column]
    groups: Sequence[Group]
    choices: Sequence[Choice]
    flags: Sequence[tuple[str, str]]
    printed: int


@dataclass(frozen=True)
class Drawing(Block):
    """A drawing of `akrim.report.drawings`, what it shows in words, and its glyphs with what they mean.

    `narrow` is the same for a narrow screen, where the other would be seen in part only.
    """

    svg: str
    alt: str
    legend: Sequence[tuple[str, str]] = ()
    narrow: str = ""


@dataclass(frozen=True)
class Columns(Block):
    """Parts beside each other."""

    parts: Sequence[Sequence[Block]]


@dataclass(frozen=True)
class Weighed(Block):
    """Parts of equal weight, each with a rule to its left: beside each other on screen, below each other on paper."""

    parts: Sequence[Sequence[Block]]


@dataclass(frozen=True)
class Apart(Block):
    """Blocks in a dashed box, as they are no part of what surrounds them."""

    blocks: Sequence[Block]


@dataclass(frozen=True)
class Folded(Block):
    """A long table: folded on screen; on paper the first `printed` rows under the heading."""

    summary: str
    heading: Heading
    table: Table
    printed: int
    left_out: str


@dataclass(frozen=True)
class Card:
    """A person's profile: what heads it, and its blocks."""

    place: int
    rank: str
    name: str
    lines: Sequence[Run]
    scores: Sequence[tuple[str, str]]
    blocks: Sequence[Block]
    is_dismissed: bool

    @property
    def anchor(self) -> str:
        """Where links to it lead."""
        return card_anchor(self.place)


@dataclass(frozen=True)
class Cards(Block):
    """Profiles, each on a page of its own on paper, where only the first `printed` are."""

    cards: Sequence[Card]
    printed: int


def group_anchor(group_id: str) -> str:
    """The anchor of a network or enterprise in the list of these."""
    return f"g-{group_id}"


def card_anchor(place: int) -> str:
    """The anchor of the card of the person at that place in the list."""
    return f"p-{place}"
