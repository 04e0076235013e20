"""What is kept of a delivery's validation, and the pages built from it: which rules held, how many rows broke the others."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from akrim.commands.deliveries import app
from akrim.deliveries.data_docs import build_data_docs
from akrim.errors import UserError
from typer.testing import CliRunner

from tests.deliveries.building import Delivery, base_row, full_delivery, person_number
from tests.deliveries.conftest import Receiver

ELSEWHERE = re.compile(r"""(?:https?:)?//[a-z]""", re.IGNORECASE)
# What a page fetches by itself, and what it runs.
FETCHED = re.compile(r"""<(?:script|link|img|iframe)\b|url\(|@import|\bsrc=""", re.IGNORECASE)


def spoilt_delivery() -> Delivery:
    """Of nav's cases three rows are spoilt: one has an unknown code, one a bad date, one both."""
    delivery = full_delivery("nav", 320)
    code, day = {"aarsak": "HEMMELIG"}, {"periode_fra": "31.02.2023"}
    changes = [code, day, code | day]
    delivery.rows["saker"] += [base_row("nav", "saker", 900 + n) | c for n, c in enumerate(changes)]
    return delivery


def results(receiver: Receiver) -> dict[str, dict[str, Any]]:
    """By extract, what is kept."""
    return {r["extract"]: r["result"] for r in receiver.rows("select * from meta.validation_results")}


def broken(result: dict[str, Any]) -> dict[str, Any]:
    """By name of a broken expectation, what was observed."""
    return {
        r["expectation_config"]["meta"]["name"]: r["result"] for r in result["results"] if not r["success"]
    }


def pages(index: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in index.parent.rglob("*") if path.is_file()}


def test_the_results_count_every_row_that_breaks_a_rule(receiver: Receiver) -> None:
    assert receiver(spoilt_delivery())[0].quarantined == {"saker": 3}
    kept = results(receiver)
    assert {extract: broken(result) for extract, result in kept.items()} == {
        "personer": {},
        "lonnsgaranti": {},
        "saker": {
            "aarsak is a known code": {"observed_value": 2},
            "periode_fra is a date": {"observed_value": 2},
        },
    }
    assert all(len(result["results"]) > 10 for result in kept.values())


def test_a_rule_that_is_only_noted_is_broken_in_the_results(receiver: Receiver) -> None:
    delivery = full_delivery("arbeidstilsynet")
    delivery.rows["tilsyn"][0] |= {"antall_brudd": "9", "antall_kontrollpunkter": "2"}
    receiver(delivery)
    assert broken(results(receiver)["tilsyn"]) == {"breaches are within checkpoints": {}}


def test_nothing_kept_or_built_holds_a_value_of_a_row_or_an_address(receiver: Receiver) -> None:
    receiver(spoilt_delivery())
    told = [json.dumps(results(receiver)), *pages(build_data_docs("nav-2025-T3-01")).values()]
    for secret in ("HEMMELIG", "31.02.2023", person_number(0), "Testesen", "postgresql", "SAKER90"):
        assert not any(secret in text for text in told), secret


def test_a_refusal_for_its_share_keeps_results_until_the_delivery_is_accepted(receiver: Receiver) -> None:
    delivery = full_delivery("nav", 40)
    for row in delivery.rows["saker"]:
        row["aarsak"] = "ukjent"
    assert receiver(delivery)[0].code == "quarantine_share"
    assert broken(results(receiver)["saker"]) == {"aarsak is a known code": {"observed_value": 40}}
    (again,) = receiver.rows("select distinct manifest_sha256 from meta.validation_results")

    (receiver.inbox / "nav" / "nav-2025-T3-01" / "manifest.json").touch()
    receiver.run("update meta.deliveries set folder_fingerprint = 'as it lay before'")
    receiver(agency="nav")
    assert receiver.rows("select distinct manifest_sha256 from meta.validation_results") == [again]
    assert len(results(receiver)) == receiver.value("select count(*) from meta.validation_results")


def test_the_pages_need_no_other_machine(receiver: Receiver) -> None:
    receiver(spoilt_delivery())
    index = build_data_docs("nav-2025-T3-01")
    found = pages(index)
    assert {path.suffix for path in index.parent.rglob("*") if path.is_file()} == {".html"}
    assert [(name, hit) for name, text in found.items() for hit in FETCHED.findall(text)] == []
    assert [(name, hit) for name, text in found.items() for hit in ELSEWHERE.findall(text)] == []


def test_the_pages_say_what_was_found_and_lead_to_each_other(receiver: Receiver) -> None:
    receiver(spoilt_delivery())
    index = build_data_docs("nav-2025-T3-01")
    links = re.findall(r'href="([^"#]+)"', index.read_text("utf-8"))
    assert len({link.partition("?")[0] for link in links}) == 6  # an extract's results and its suite
    for page in index.parent.rglob("*.html"):
        for link in re.findall(r'href="([^"#?]+)', page.read_text("utf-8")):
            assert (page.parent / link).resolve().is_file(), (page.name, link)
    (saker,) = (index.parent / "validations" / "nav_saker").rglob("*.html")
    text = saker.read_text("utf-8")
    assert "aarsak is one of the agreed codes." in text
    assert "Failed" in text
    assert ">2<" in re.sub(r"\s", "", text)


def test_the_pages_are_their_owners_alone_and_made_anew(receiver: Receiver) -> None:
    receiver(full_delivery("nav"))
    index = build_data_docs("nav-2025-T3-01")
    before = pages(index)
    (index.parent / "left over.html").touch()
    assert pages(build_data_docs("nav-2025-T3-01")).keys() == before.keys()
    made = index.parents[1]
    assert [path for path in (made, *made.rglob("*")) if path.stat().st_mode & 0o077] == []


def test_the_command_says_where_the_pages_are(receiver: Receiver) -> None:
    receiver(full_delivery("nav"))
    done = CliRunner().invoke(app, ["docs", "nav-2025-T3-01"])
    assert Path(done.output.strip()).name == "index.html"
    assert Path(done.output.strip()).is_file()


def test_a_delivery_that_is_unknown_or_was_not_validated_is_told(receiver: Receiver) -> None:
    delivery = full_delivery("nav")
    receiver(delivery)
    delivery = full_delivery("nav", period="2026-T1")
    delivery.write(receiver.inbox)
    (receiver.inbox / "nav" / "nav-2026-T1-01" / "saker.csv").write_bytes(b"other bytes")
    assert receiver(agency="nav")[-1].status == "refused"
    with pytest.raises(UserError, match=r"No delivery nav-2024-T1-01 came\."):
        build_data_docs("nav-2024-T1-01")
    with pytest.raises(UserError, match=r"No validation results are kept of nav-2026-T1-01\."):
        build_data_docs("nav-2026-T1-01")
