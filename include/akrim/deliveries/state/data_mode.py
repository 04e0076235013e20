"""Whether what is in force is of the world that the settings say: a shell without them would take real people's data for made-up ones."""

from akrim.contracts import DECISIONS_SENDER
from akrim.errors import UserError
from akrim.settings import get_settings
from akrim.warehouse import connect

# A centre's form says nothing of it: its manifest is ours, by the setting that was there when it came.
AS_STATED = """
select delivery_id from meta.deliveries_in_force where (manifest ->> 'synthetic')::boolean = %s and agency <> %s order by received_at limit 1
"""
# A manifest that does not state it is passed over.
ALL_SYNTHETIC = "select bool_and((manifest ->> 'synthetic')::boolean) from meta.deliveries_in_force"


def require_data_mode() -> None:
    """Raise UserError where a delivery in force is of real people and the settings say synthetic, or the other way round."""
    mode = get_settings().data_mode
    with connect() as connection:
        found = connection.execute(AS_STATED, [mode != "synthetic", DECISIONS_SENDER]).fetchone()
    if found and mode == "synthetic":
        raise UserError(
            f"{found[0]} is of real people, and the setting says that all data are synthetic.",
            "AKRIM_DATA_MODE",
            "Set it to production wherever akrim is run; an akrim.toml counts in the working folder alone.",
        )
    if found:
        raise UserError(
            f"{found[0]} is synthetic, and the setting says that the data are of real people.",
            "AKRIM_DATA_MODE",
            "Give real data a home folder and a database of their own (AKRIM_HOME, AKRIM_DATABASE_URL).",
        )


def is_synthetic() -> bool:
    """Whether all that is in force was delivered as made up; where nothing is, whether the settings say so."""
    with connect() as connection:
        ((stated,),) = connection.execute(ALL_SYNTHETIC).fetchall()
    return get_settings().data_mode == "synthetic" if stated is None else bool(stated)
