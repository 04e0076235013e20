"""What holds for every delivery: no row is lost, nothing happens twice, the order of rows decides nothing but which repeat stays."""

from pathlib import Path
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

from tests.deliveries.building import BASE, OPTIONAL, Delivery, base_row, delimited, full_delivery
from tests.deliveries.conftest import Receiver, of_landing

FIELDS = [(extract, name) for extract, row in BASE["nav"].items() if extract not in OPTIONAL for name in row]
NASTY = st.one_of(
    st.just(""),
    st.sampled_from(
        [
            "J",
            "N",
            "2024-02-29",
            "2023-02-29",
            "999999999",
            "PERSONER1",
            "PERSONER2",
            "-0",
            "1e5",
            "DAG",
            "=1+1",
        ]
    ),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12),
)
CHANGES = st.lists(st.tuples(st.sampled_from(FIELDS), st.integers(0, 5), NASTY), max_size=8)
RAGGED = st.lists(st.lists(st.text('ab;"\n', max_size=3), max_size=7), max_size=3)


def delivery_with(
    changes: list[tuple[tuple[str, str], int, str]], ragged: list[list[str]], number: int
) -> Delivery:
    delivery = full_delivery("nav", 6, number=number)
    for (extract, field), place, value in changes:
        delivery.rows[extract][place][field] = value
    names = list(BASE["nav"]["saker"])
    extra = [dict(zip(names, row, strict=False)) for row in ragged]
    content = delimited("nav", names, delivery.rows["saker"])
    for row in ragged:
        if row and (len(row) > 1 or row[0]):
            quoted = ";".join('"' + field.replace('"', '""') + '"' for field in row)
            content += quoted.encode() + b"\r\n"
    delivery.raw["saker"] = content
    delivery.rows["saker"] += [
        row for row, source in zip(extra, ragged, strict=True) if source and (len(source) > 1 or source[0])
    ]
    return delivery


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES, ragged=RAGGED)
def test_rows_declared_are_rows_loaded_or_set_aside(receiver: Receiver, changes: Any, ragged: Any) -> None:
    number = receiver.value("select count(*) + 1 from meta.deliveries")
    delivery = delivery_with(changes, ragged, number)
    outcome = next(o for o in receiver(delivery) if o.delivery_id == delivery.delivery_id)
    files = receiver.rows("select * from meta.delivery_files where delivery_id = %s", delivery.delivery_id)
    if outcome.status == "refused":
        assert outcome.code == "quarantine_share", outcome
        return
    for file in files:
        assert file["rows_declared"] == file["rows_loaded"] + file["rows_quarantined"]
        landed = receiver.value(
            of_landing("select count(*) from {} where delivery_id = %s", f"nav_{file['extract']}"),
            delivery.delivery_id,
        )
        aside = receiver.value(
            "select count(*) from quarantine.rows where delivery_id = %s and extract = %s",
            delivery.delivery_id,
            file["extract"],
        )
        assert (landed, aside) == (file["rows_loaded"], file["rows_quarantined"])


def test_receiving_again_changes_nothing(receiver: Receiver) -> None:
    delivery = full_delivery("nav")
    delivery.rows["saker"][0]["aarsak"] = "ukjent"
    receiver(delivery)
    before = snapshot(receiver)
    assert [o.status for o in receiver(agency="nav")] == ["already_loaded"]
    assert snapshot(receiver) == before


def test_the_order_of_rows_does_not_matter(receiver: Receiver, tmp_path: Path) -> None:
    forward, backward = full_delivery("nav", 5), full_delivery("nav", 5, number=2)
    for delivery in (forward, backward):
        delivery.rows["saker"][1]["aarsak"] = "ukjent"
        delivery.rows["personer"][3]["fodselsdato"] = "i går"
    backward.rows = {extract: rows[::-1] for extract, rows in backward.rows.items()}
    receiver(forward, backward)
    kept = [
        receiver.rows("select sak_id from landing.nav_saker where delivery_id = %s order by 1", d.delivery_id)
        for d in (forward, backward)
    ]
    assert kept[0] == kept[1]
    assert base_row("nav", "saker", 2)["sak_id"] not in [row["sak_id"] for row in kept[0]]


def snapshot(receiver: Receiver) -> list[Any]:
    queries = (
        "select * from meta.deliveries order by 1, 2",
        "select * from meta.delivery_files order by 1, 2, 3",
        "select * from quarantine.rows order by 1, 2, 3, 4",
        "select * from landing.nav_saker order by row_number",
    )
    return [receiver.rows(query) for query in queries]
