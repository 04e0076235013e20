"""Nothing from pins.json becomes a path or a setting unless it matches a closed pattern."""

import copy
from typing import Any

import pytest
from akrim.releases.provenance.schema import check_pins

RELEASE: dict[str, Any] = {
    "release_id": "2026-T1.1", "period": "2026-T1", "revision": 1, "serial": 1, "fingerprint": "f",
    "base_release_id": None, "previous_release_id": None, "last_period_release_id": None, "last_decision_id": 0,
    "inputs": {
        "deliveries": {
            "nav": [{"delivery_id": "nav-2026-T1-01", "manifest_sha256": "0" * 64}],
            "sentrene": [{"delivery_id": "sentrene-2025-T3.1-oslo-0123456789ab", "manifest_sha256": "0" * 64}],
        },
        "protections": {
            "skatteetaten": [
                {"delivery_id": "skatteetaten-2025-T3-01", "manifest_sha256": "0" * 64, "is_lift_void": False}
            ]
        },
        "extracts": {
            "nav": {
                "saker": {
                    "delivery_id": "nav-2026-T1-01", "state": "unchanged", "as_of": "2025-12-31", "rows": 3, "rows_usual": 3,
                    "is_confirmed": False,
                }
            }
        },
        "settings": {"data_mode": "synthetic", "language": "nb", "exports": ["ftm"], "recommended_measures": False},
        "model": "2026-11-24-abc:0123", "rules": "r", "code": "c", "link_decisions": "", "corrections": [],
        "withheld": {"oslo": {"nav.benefit": "hit"}},
        "answers": {
            "oslo": {
                "read": 1,
                "rows": [[{"extract": "beslutninger", "cell": "K5", "column": "status", "code": "unknown_code"}]],
                "refused": [{"release_id": "2025-T3.1", "code": "unreadable_file", "forms": 1, "is_replaced": False}],
            }
        },
    },
}  # fmt: skip
DOCUMENT: dict[str, Any] = {
    "release_id": "2026-T1.1", "releases": [RELEASE], "link_decisions": [], "review_samples": [],
    "review_sample_records": [],
    "forms": {"sentrene-2025-T3.1-oslo-0123456789ab": {"name": "svar oslo.xlsx", "delivered_at": "2026-05-02T00:00:00"}},
}  # fmt: skip
PATHS = (
    "../../x",
    "/etc",
    "a/b",
    "..",
    "",
    "2026-T1.1/../../x",
    "2026-T1.1\n",
    "x\0",
    7,
    None,
    ["2026-T1.1"],
)
INPUTS = ("releases", 0, "inputs")


def changed(place: tuple[str | int, ...], value: object) -> dict[str, Any]:
    document: Any = copy.deepcopy(DOCUMENT)
    at = document
    for step in place[:-1]:
        at = at[step]
    at[place[-1]] = value
    return document


def test_valid_pins() -> None:
    check_pins(DOCUMENT)
    check_pins(changed(("releases", 0, "base_release_id"), "2025-T3.2"))


@pytest.mark.parametrize("value", PATHS)
@pytest.mark.parametrize(
    "place",
    [
        ("release_id",),
        ("releases", 0, "release_id"),
        ("releases", 0, "period"),
        (*INPUTS, "deliveries", "nav", 0, "delivery_id"),
        (*INPUTS, "protections", "skatteetaten", 0, "delivery_id"),
        (*INPUTS, "extracts", "nav", "saker", "delivery_id"),
        (*INPUTS, "model"),
        (*INPUTS, "settings", "language"),
        ("forms", "sentrene-2025-T3.1-oslo-0123456789ab", "name"),
    ],
)
def test_values_that_become_paths(place: tuple[str | int, ...], value: object) -> None:
    with pytest.raises(ValueError, match=r"^[^/]*$"):
        check_pins(changed(place, value))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("releases",), []),
        (("releases", 0, "base_release_id"), "../x"),
        ((*INPUTS, "deliveries"), {"../x": []}),
        ((*INPUTS, "protections"), {"../x": []}),
        ((*INPUTS, "extracts"), {"nav": {"../x": {}}}),
        ((*INPUTS, "extracts", "nav", "saker", "state"), "new"),
        ((*INPUTS, "extracts", "nav", "saker", "as_of"), "../x"),
        ((*INPUTS, "extracts", "nav", "saker", "more"), "x"),
        ((*INPUTS, "settings", "home"), "/etc"),
        ((*INPUTS, "settings", "outbox"), "s3://elsewhere"),
        ((*INPUTS, "settings", "exports"), ["ftm", "../x"]),
        (("forms", "../x"), {"name": "a.xlsx", "delivered_at": ""}),
        (("forms", "sentrene-2025-T3.1-oslo-0123456789ab", "name"), ".hidden.xlsx"),
        (("form_keys",), {"../x": "0" * 64}),
        (("form_keys",), {"2026-T1.1": "x"}),
        (("link_decisions",), 7),
        ((*INPUTS, "withheld"), {"oslo": {"nav.benefit": "all"}}),
        ((*INPUTS, "withheld"), {"oslo": {"../x": "hit"}}),
        ((*INPUTS, "answers", "oslo", "rows", 0, 0, "cell"), "<b>Kari</b>"),
        ((*INPUTS, "answers", "oslo", "rows", 0, 0, "column"), "Kari Testesen"),
        ((*INPUTS, "answers", "oslo", "rows", 0, 0, "more"), "x"),
        ((*INPUTS, "answers", "oslo", "refused", 0, "release_id"), "../x"),
        (("more",), {}),
    ],
)
def test_other_values(place: tuple[str | int, ...], value: object) -> None:
    with pytest.raises(ValueError, match=r"^[^/]*$"):
        check_pins(changed(place, value))


@pytest.mark.parametrize("document", [None, [], 7, "x", {}])
def test_other_documents(document: object) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        check_pins(document)
