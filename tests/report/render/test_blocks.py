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
    Facts,
    Figures,
    Folded,
    Group,
    Heading,
    Line,
    Listing,
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
