"""What the doctor minds: one password for all where the data are of real people."""

import pytest
from akrim.commands import doctor
from akrim.settings import get_settings


@pytest.mark.parametrize(
    ("mode", "manager", "is_minded"),
    [
        ("synthetic", "", False),
        ("production", "", True),
        ("production", "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager", True),
        ("production", "airflow.providers.keycloak.auth_manager.keycloak_auth_manager.KeycloakAuthManager", False),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("home")
def test_one_password_for_all_is_minded_in_production(
    monkeypatch: pytest.MonkeyPatch, mode: str, manager: str, is_minded: bool
) -> None:
    monkeypatch.setenv("AKRIM_DATA_MODE", mode)
    monkeypatch.setenv("AIRFLOW__CORE__AUTH_MANAGER", manager)
    get_settings.cache_clear()
    told = doctor.CHECKS["Airflow's logins"]()
    assert isinstance(told, doctor.Caution) == is_minded
