"""Airflow's services as `akrim up` starts them."""

import pytest
from akrim.errors import UserError

from tests.dags.services import free_port


@pytest.mark.usefixtures("airflow", "home")
def test_a_home_has_one_set_of_services() -> None:
    from akrim.orchestration.airflow import Services

    first, second = Services(free_port()), Services(free_port())
    first._require_alone()
    with pytest.raises(UserError, match="runs on this home already"):
        second._require_alone()
    first._files.close()
    second._require_alone()
    second._files.close()
