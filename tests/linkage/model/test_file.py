"""Models: trained separately, used only when a setting names them, and described by their card."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest
from akrim.errors import UserError
from akrim.linkage import model as linkage_model
from akrim.linkage import runs
from akrim.linkage.model import file as model_file
from akrim.linkage.model.thresholds import JOIN_UNSEEN
from akrim.linkage.training.train import TrainingPlan
from akrim.settings import PROJECT_ROOT

from tests.conftest import configure
from tests.linkage.conftest import FIRST
from tests.linkage.population import population

SMALL_PLAN = TrainingPlan(random_pairs=1e5, may_block_broadly=False)


@pytest.mark.slow
def test_a_model_trained_here_links_nothing_until_it_is_set(
    stage: Callable[..., None], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage(population(9, persons=250), FIRST, None)
    before = linkage_model.model_version()
    model = runs.train_model(None, date(2027, 1, 2), plan=SMALL_PLAN)
    assert (home / "models" / f"{model.name}.json").is_file()
    assert linkage_model.model_version() == before
    configure(monkeypatch, AKRIM_LINKAGE_MODEL=model.name)
    assert linkage_model.model_version().startswith(f"{model.name}:")
    assert (model.name, home / "models") in linkage_model.list_models()
    again = runs.train_model(None, date(2027, 1, 2), plan=SMALL_PLAN)
    assert again.name == model.name, "the same records, plan and day are the same model"
    card = linkage_model.model_card()
    assert model.name in card
    assert str(model.training["content_digest"]) in card
    assert "recall, %" in card
    assert model.training["profile"]["match_weight"]
    assert model.thresholds["join"] == JOIN_UNSEEN, "it is for records that it has not seen"


def test_a_model_is_written_and_read_in_a_home_of_any_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = tmp_path / "o'brien; drop table [1] *"
    configure(monkeypatch, AKRIM_HOME=str(odd))
    with duckdb.connect() as con:
        for column, name in (("given", "odd"), ("family", "nilsen")):
            con.execute(
                f"create table frequencies_{column} ({column} varchar, tf_{column} double, people int)"
            )
            con.table(f"frequencies_{column}").insert([name, 0.25, 2])
        made = model_file.save_model(
            con, model_file.LinkageModel("", {}, {}, {}, ()), date(2027, 1, 2), model_file.own_models()
        )
    with duckdb.connect() as con:
        assert model_file.load_model(con, made.name) == made
        assert con.execute("from frequencies_given").fetchall() == [("odd", 0.25)]
        assert con.execute("from frequencies_family").fetchall() == [("nilsen", 0.25)]


@pytest.mark.parametrize(
    "name",
    [
        "../elsewhere/2026-11-24-90c63c",
        "*",
        "2026-11-24-90c63?",
        "linkage_2026_11_24",
        "2026-11-24-90c63c\n",
        "/etc/x",
    ],
)
def test_what_is_no_models_name_is_refused(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Even where such a file lies there: a name becomes a path, and a pattern of paths."""
    (tmp_path / "elsewhere").mkdir()
    home.mkdir(mode=0o700)
    for path in (home / "models" / f"{name}.json", home / "models" / f"{name}.given.csv"):
        if not path.is_absolute() or path.is_relative_to(home):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text('{"training": {}, "settings": {}, "thresholds": {}, "guards": []}')
    configure(monkeypatch, AKRIM_LINKAGE_MODEL=name)
    with duckdb.connect() as con:
        for use in (
            linkage_model.model_version,
            linkage_model.model_card,
            lambda: model_file.load_model(con, name),
        ):
            with pytest.raises(UserError, match="not the name of a linkage model"):
                use()
    assert name not in [listed for listed, _ in linkage_model.list_models()]


def test_a_model_that_is_not_there_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(monkeypatch, AKRIM_LINKAGE_MODEL="2020-01-01-000000")
    with pytest.raises(UserError, match="2020-01-01-000000"):
        linkage_model.model_version()


def test_the_published_card_is_that_of_the_newest_model(home: Path) -> None:
    published = (PROJECT_ROOT / "docs" / "model-card.md").read_text()
    assert published == linkage_model.model_card(model_file.newest_model()), "run: make model-card"


def test_a_release_weighs_by_its_size_in_whole_doublings_and_never_laxer_than_trained() -> None:
    prior = "probability_two_random_records_match"
    trained = model_file.LinkageModel("m", {"records": 1000}, {prior: 0.001}, {}, ())
    fitted = {
        records: trained.for_release(records).settings[prior] for records in (10, 1000, 1300, 1500, 16000)
    }
    assert fitted == {10: 0.001, 1000: 0.001, 1300: 0.001, 1500: 0.0005, 16000: 0.001 / 16}
