"""Only listed columns are shared, through the masks that are listed with them."""

import psycopg
import pytest
from akrim.errors import UserError
from akrim.sharing import MARTS, allowed_columns, read_tables, shared_columns
from akrim.sharing.masks import MASKS

from tests.releases import world

pytestmark = pytest.mark.slow


def test_every_shared_mart_is_listed_with_its_key() -> None:
    listed = allowed_columns()
    assert list(listed) == [mart.name for mart in MARTS]
    for mart in MARTS:
        assert set(mart.key) < set(listed[mart.name])


def test_every_mask_is_known_and_used() -> None:
    used = {mask for columns in allowed_columns().values() for mask in columns.values() if mask}
    assert used == set(MASKS)


def test_an_unlisted_column_is_not_shared(golden_copy: str) -> None:
    with psycopg.connect(golden_copy) as connection:
        connection.execute("alter table marts.persons add column nationality text default 'a secret'")

    tables = read_tables(world.SECOND, "oslo", shared_columns())

    assert tables["persons"].num_rows
    assert tables["persons"].column_names == list(allowed_columns()["persons"])
    assert "a secret" not in str(tables["persons"].to_pylist())


def test_a_renamed_column_stops_the_release_instead_of_losing_its_mask(golden_copy: str) -> None:
    with psycopg.connect(golden_copy) as connection:
        connection.execute("alter table marts.persons rename column street_address to address")

    with pytest.raises(UserError, match=r"persons\.street_address"):
        shared_columns()
