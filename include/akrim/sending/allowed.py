"""Whether a release may still be told: what has been said to be protected since it was made, or is withheld by now, goes to nobody any more."""

import psycopg

from akrim import ledger
from akrim.ledger import Pins
from akrim.periods import today
from akrim.sharing import is_withheld_more, load_matrix, require_approved
from akrim.texts.errors import SaidError

PROTECTED_SINCE = "select 1 from meta.protected_since(%s) limit 1"


def require_allowed(connection: psycopg.Connection, pins: Pins) -> None:
    """Raise UserError where a home was said to be protected since the release was made, or the sharing matrix withholds more now.

    So it does where the data are of real people, and nobody has approved the matrix.
    """
    require_approved()
    about = {"release": pins.release_id, "period": str(pins.period)}
    if connection.execute(PROTECTED_SINCE, [pins.release_id]).fetchone():
        # Of one that is out a later period's protection alone makes no revision.
        is_out = ledger.is_out(pins.release_id)
        raise SaidError(
            "release_out_shows_protected" if is_out else "release_shows_protected", pins.release_id, **about
        )
    matrix, day = load_matrix(), today()
    if is_withheld_more(pins.inputs.get("withheld"), matrix.withheld(day)) or not set(
        pins.inputs.get("told_nationally", ())
    ) <= set(matrix.told_nationally(day)):
        raise SaidError("release_tells_withheld", pins.release_id, **about)
