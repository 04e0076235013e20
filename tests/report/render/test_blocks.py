"""Every kind of block is laid out in HTML and in PDF, and drawings and signs come with them."""

import dataclasses
from datetime import date
from io import BytesIO

import pytest
from akrim.report.blocks import (
    Apart,
    Block,
    Card,
    Cards,
    Choice,
    Column,
    Columns,
    Content,
    Facts,
    Figures,
    Folded,
    Group,
    Heading,
    Line,
    Listing,
    More,
    Name,
    Notice,
    Paragraph,
    Ranking,
    Table,
    Text,
    Weighed,
)
from akrim.report.content import Part, Report
from akrim.report.drawings import draw
from akrim.report.render.html import render_html
from akrim.report.render.pdf import render_pdf
from akrim.report.wording import Words
from pypdf import PdfReader

SAID = "Sagt & <sagt>"
COLUMNS = (Column("Navn", "heading", 1), Column("Andel", "bar", 1))
TABLE = Table(COLUMNS, [(SAID, 40)])
PARTS = ((Heading("Del"), Paragraph(SAID)),)
CARD = Card(1, "1", SAID, [Text("linje", "small")], [("Poeng", "7")], [Paragraph("kort")], is_dismissed=False)
SAMPLES = (
    Heading(SAID),
    Paragraph((SAID, Text("advart", "alert", sign="stale"))),
    Notice("Obs", [SAID]),
    Listing([SAID]),
    Figures("Tall", [("3", SAID, "av 4")]),
    Facts([("Født", SAID)]),
    TABLE,
    Ranking(
        COLUMNS,
        [
            Group(
                "Gruppe", [Line((Name(SAID, "p-1"), 2), "r-1", (SAID, 2), ["moved"], {"status": ["a"]}, SAID)]
            )
        ],
        [Choice("status", "Status", [("a", "A")])],
        [("moved", SAID)],
        1,
    ),
    draw("network", SAID, [("tie-other", SAID)], height=30, lines=[], boxes=[]),
    Columns(PARTS),
    Weighed(PARTS),
    Apart(PARTS[0]),
    Folded("Tabell", Heading("Tabell"), TABLE, 1, ""),
    Cards([CARD], printed=1),
)
HEAD = dict.fromkeys(
    ("title", "centre", "period", "release_id", "as_of", "delivered", "handling"), "hode"
) | {"synthetic": ""}


def report(*blocks: Block) -> Report:
    return Report("nb", Words("nb").texts, HEAD, [], [], [Part("del", "Del", blocks)])


def printed(*blocks: Block) -> str:
    pages = PdfReader(BytesIO(render_pdf(report(*blocks), "assessment", date(2026, 4, 30)))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_there_is_a_sample_of_every_kind() -> None:
    assert {type(sample) for sample in SAMPLES} == set(Block.__subclasses__())


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.kind)
def test_a_block_says_the_same_on_screen_and_on_paper(sample: Block) -> None:
    page = render_html(report(sample))
    assert "Sagt &amp; &lt;sagt&gt;" in page
    assert "<sagt>" not in page
    assert SAID in printed(sample)


def test_on_paper_a_name_leads_to_printed_cards_alone() -> None:
    second = dataclasses.replace(CARD, place=2, name="Utelatt")
    names = Listing([Name("Med kort", "p-1"), Name("Uten kort", "p-2")])
    said = printed(names, Cards([CARD, second], printed=1))
    assert "Uten kort" in said
    assert "Utelatt" not in said


def test_on_paper_the_list_ends_with_how_many_it_leaves_out() -> None:
    (listed,) = (sample for sample in SAMPLES if isinstance(sample, Ranking))
    left_out = Group("Uten rad", listed.groups[0].lines)
    said = printed(dataclasses.replace(listed, groups=[*listed.groups, left_out]))
    assert "Uten rad" not in said
    assert said.index(SAID) < said.index("1 til står i assessment.html.")


def height_of(last: str, *blocks: Block) -> float:
    """How far up the page the text of that paragraph stands."""
    found: list[float] = []

    def visit(text: str, place: list[float], within: list[float], *_: object) -> None:
        if last in text:
            found.append(place[3] * within[5] + place[5])

    pdf = render_pdf(report(*blocks, Paragraph(last)), "assessment", date(2026, 4, 30))
    PdfReader(BytesIO(pdf)).pages[0].extract_text(visitor_text=visit)
    return found[0]


@pytest.mark.parametrize(
    ("content", "same"),
    [
        (("", Text("linje", "line")), (Text("linje", "line"),)),
        (("a", Text("b", "below"), More("to til", ["x", "y"])), ("a", Text("b", "below"), Text("to til", "below"))),
    ],
    ids=["nothing before a line", "further lines after small print"],
)  # fmt: skip
def test_no_line_of_a_printed_cell_is_empty(content: Content, same: Content) -> None:
    prose = (Column("Funn", "prose", 1),)
    heights = [height_of("SIST", Table(prose, [(told,)])) for told in (content, same)]
    assert heights[0] == pytest.approx(heights[1], abs=1)


def test_a_printed_period_is_not_broken_at_its_hyphen() -> None:
    """However narrow its column is: in one of these widths it would have been."""
    for letters in range(1, 12):
        table = Table(
            [Column("Tall", "prose", 1), Column("Rest", "prose", 9)], [(f"{'i' * letters} 2026-T1", "")]
        )
        pdf = render_pdf(report(table), "assessment", date(2026, 4, 30))
        assert "2026-T1" in PdfReader(BytesIO(pdf)).pages[0].extract_text()
