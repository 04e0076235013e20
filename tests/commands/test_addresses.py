"""Each address that is set lets in the login that it is for: one that lets in another gives people that one's rights."""

import json

import pytest
from akrim.commands.doctor import doctor
from akrim.settings import get_settings

from tests.conftest import as_user, configure


@pytest.mark.parametrize(
    ("setting", "enters", "told"),
    [
        ("ANALYST_DATABASE_URL", "akrim_analyst", None),
        ("ANALYST_DATABASE_URL", "akrim", "lets in akrim to test_"),
        ("ANALYST_DATABASE_URL", "postgres", "lets in postgres"),
        ("AUDITOR_DATABASE_URL", "akrim_clerk", "for the role akrim_auditor"),
        ("CLERK_DATABASE_URL", "akrim_analyst", "for the role akrim_clerk"),
        ("ANALYST_DATABASE_URL", "nobody", "cannot be reached"),
        ("AIRFLOW_DATABASE_URL", "nobody", "cannot be reached"),
    ],
)
def test_an_address_lets_in_the_login_that_it_is_for(
    setting: str, enters: str, told: str | None, warehouse: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"AKRIM_{setting}", as_user(warehouse, enters))
    get_settings.cache_clear()
    if told is None:
        assert doctor.CHECKS["addresses"]().endswith("that are set let in")
        return
    with pytest.raises(doctor.UserError, match=told) as wrong:
        doctor.CHECKS["addresses"]()
    assert wrong.value.where == f"AKRIM_{setting}"


def test_a_centres_address_is_of_its_own_login(warehouse: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for entered, is_well in (("oslo", True), ("bergen", False)):
        address = json.dumps({"oslo": as_user(warehouse, f"akrim_centre_{entered}")})
        configure(monkeypatch, AKRIM_CENTRE_DATABASE_URLS=address)
        if is_well:
            doctor.CHECKS["addresses"]()
            continue
        with pytest.raises(doctor.UserError, match="lets in akrim_centre_bergen") as wrong:
            doctor.CHECKS["addresses"]()
        assert wrong.value.where == "AKRIM_CENTRE_DATABASE_URLS, oslo"
