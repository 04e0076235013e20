"""Every cause of the review queue has its text in each language and its row in the documentation."""

import re
from importlib.resources import files
from pathlib import Path

import pytest
from akrim.texts import LANGUAGES, texts

QUEUE = re.compile(r"create or replace view linkage\.review_queue as(.*?);", re.DOTALL)
PAGE = Path(__file__).parents[3] / "docs" / "linkage.md"


def causes() -> set[str]:
    """The codes in the view's text."""
    (view,) = QUEUE.findall(files("akrim.linkage").joinpath("review/waiting.sql").read_text("utf-8"))
    return {then or named for then, named in re.findall(r"then '(\w+)'|'(\w+)' as cause", view)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cause_has_a_text(language: str) -> None:
    assert texts(language, "linkage")["queue"].keys() == causes()


def test_every_cause_is_documented() -> None:
    assert [cause for cause in sorted(causes()) if f"`{cause}`" not in PAGE.read_text("utf-8")] == []
