"""A bad cell is told in the Norwegian that the installation writes, and in English."""

import pytest
from akrim.contracts import DECISIONS, load_contracts
from akrim.deliveries.decisions.cell_messages import FormCell, cell_message

from tests.conftest import configure


@pytest.mark.parametrize(
    ("language", "norwegian"), [("nb", "Celle K5 "), ("nn", "Cella K5 "), ("en", "Celle K5 ")]
)
def test_a_message_is_in_one_norwegian_and_in_english(
    home: None, monkeypatch: pytest.MonkeyPatch, language: str, norwegian: str
) -> None:
    configure(monkeypatch, AKRIM_LANGUAGE=language)
    cell = FormCell(DECISIONS, 1, "K5", "neste_vurdering", "bad_date")
    told = cell_message(load_contracts()["sentrene"].extract(DECISIONS), cell).split(" / ")
    assert len(told) == 2
    assert told[0].startswith(norwegian)
    assert told[1].startswith("Cell K5 ")
