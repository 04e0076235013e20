"""A suite's checkpoint: what it keeps, and what becomes of a delivery that it cannot judge."""

import json
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import great_expectations as gx
import great_expectations.expectations as gxe
import pytest
from akrim.contracts import Extract
from akrim.deliveries import receive
from great_expectations.expectations.expectation import Expectation

from expectations import suite_for
from expectations.rows import WARNING, rows_never
from tests.conftest import configure
from tests.deliveries.building import full_delivery
from tests.deliveries.conftest import Receiver

NOTED = {"code": "", "column": "", "name": "a rule of ours"}


def with_rule(*rules: Callable[[], Expectation]) -> Callable[[Extract], gx.ExpectationSuite]:
    """Suites that hold further rules for nav's cases."""

    def suite(extract: Extract) -> gx.ExpectationSuite:
        found = suite_for(extract)
        for rule in rules if extract.table == "nav_saker" else ():
            found.add_expectation(rule())
        return found

    return suite


@pytest.mark.parametrize(
    "rule",
    [
        lambda: gxe.ExpectColumnValuesToBeInSet(column="sak_id", value_set=["another"], severity=WARNING, meta=NOTED),
        lambda: gxe.ExpectColumnMostCommonValueToBeInSet(column="sak_id", value_set=["a"], severity=WARNING, meta=NOTED),
        lambda: gxe.ExpectColumnDistinctValuesToBeInSet(column="sak_id", value_set=["a"], severity=WARNING, meta=NOTED),
    ],
    ids=["values", "commonest value", "distinct values"],
)  # fmt: skip
def test_no_kind_of_expectation_has_values_kept(receiver: Receiver, rule: Callable[[], Expectation]) -> None:
    full_delivery("nav").write(receiver.inbox)
    outcome = receive(str(receiver.inbox), "nav", with_rule(rule))[0]
    assert outcome.notes == ["saker: not so for every row or the whole: a rule of ours"]
    kept = receiver.value("select result from meta.validation_results where extract = 'saker'")
    ours = [r for r in kept["results"] if r["expectation_config"]["meta"]["name"] == "a rule of ours"]
    assert [(r["success"], r["result"]) for r in ours] == [(False, {})]
    assert "SAKER1" not in json.dumps(kept)


@pytest.mark.parametrize(
    ("street", "is_noted"),
    [
        ("Ålgård 1", False), ("Ærø 1", False), ("Rua São João 1", False), ("RUA SÃO JOÃO 1", False), ("Älvsbyn Ü 1", False),
        ("Ålgård 1".encode().decode("latin-1"), True), ("ü".encode().decode("latin-1"), True),
        ("Škoda 1".encode("cp1252").decode("latin-1"), True),
    ],
)  # fmt: skip
def test_a_file_of_another_encoding_than_the_polices_is_noted(
    receiver: Receiver, street: str, is_noted: bool
) -> None:
    """Whatever it is, it can be read: nothing is set aside."""
    delivery = full_delivery("politiet")
    delivery.rows["personer"][1]["adresse"] = street
    delivery.write(receiver.inbox)
    outcome = receive(str(receiver.inbox), "politiet", suite_for)[0]
    noted = (
        ["personer: not so for every row or the whole: names are in the agreed encoding"] if is_noted else []
    )
    assert (outcome.status, outcome.notes) == ("accepted", noted)
    assert receiver.value("select count(*) from landing.politiet_personer") == 3


@pytest.mark.parametrize(
    ("rule", "error"),
    [
        (lambda: rows_never("a rule of ours", "r.sak_id::int = 1", "Cannot be asked of texts."), "RuntimeError"),
        (
            lambda: gxe.ExpectColumnValuesToBeInSet(column="sak_id", value_set=["a"], meta=NOTED | {"code": "bad_value"}),
            "AttributeError",
        ),
    ],
    ids=["it raises", "it finds no rows to set aside"],
)  # fmt: skip
def test_a_delivery_that_cannot_be_judged_leaves_nothing(
    receiver: Receiver, caplog: pytest.LogCaptureFixture, rule: Callable[[], Expectation], error: str
) -> None:
    full_delivery("nav").write(receiver.inbox)
    with pytest.raises(RuntimeError, match=rf"failed on nav-2025-T3-01 \({error}\)"):
        receive(str(receiver.inbox), "nav", with_rule(rule))
    for table in ("meta.deliveries", "meta.validation_results", "quarantine.rows", "landing.nav_saker"):
        assert receiver.value(f"select count(*) from {table}") == 0
    assert "SAKER1" not in caplog.text


def test_a_password_may_hold_whatever_an_address_can(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Great Expectations gets the warehouse's address from SQLAlchemy, which writes some of it otherwise than it was given."""
    every = "".join(map(chr, range(32, 127))) + "æ"
    configure(monkeypatch, AKRIM_DATABASE_URL=receiver.address.replace("@", f":{quote(every, safe='')}@", 1))
    assert receiver(full_delivery("nav"))[0].status == "accepted"


def test_what_is_evaluated_again_marks_no_row_twice(receiver: Receiver) -> None:
    """Great Expectations begins again where one fails, up to three times: some of the dozen were evaluated by then."""
    receiver.run("create sequence meta.tries")
    fails_twice = partial(
        rows_never,
        "fails twice",
        "1 / greatest(nextval('meta.tries') - 2, 0) < 0",
        "Fails twice.",
        code="bad_value",
    )
    others = [
        partial(
            rows_never,
            f"rule {n}",
            f"r.sak_id = 'SAKER1' and {n} > 0",
            "None is the first.",
            code="bad_value",
        )
        for n in range(1, 13)
    ]
    delivery = full_delivery("nav")
    delivery.write(receiver.inbox)
    receive(str(receiver.inbox), "nav", with_rule(fails_twice, *others))
    assert receiver.value("select last_value from meta.tries") > 2
    kept = receiver.value("select result from meta.validation_results where extract = 'saker'")
    marked = {
        r["expectation_config"]["meta"]["name"]: r["result"] for r in kept["results"] if not r["success"]
    }
    assert marked == {f"rule {n}": {"observed_value": 1} for n in range(1, 13)}
    assert receiver.rows("select row_number, expectation from quarantine.rows") == [
        {"row_number": 1, "expectation": "rule 1"}
    ]


def test_nothing_deprecated_is_used_and_nothing_left_in_the_temporary_folder(
    receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    monkeypatch.setattr("tempfile.tempdir", None)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        receiver(full_delivery("nav"))
    told: list[Any] = [w.message for w in warned if issubclass(w.category, DeprecationWarning)]
    assert [str(message) for message in told if "schema_name" in str(message)] == []
    assert list(place.iterdir()) == []
