"""A person's word that an extract is right as it stands, though it came empty, shrunken, swollen or unchanged."""

from akrim import audit
from akrim.characters import neutral_name
from akrim.contracts import load_contracts
from akrim.deliveries.state.comparing import compare_from
from akrim.texts.errors import SaidError, require_reason
from akrim.warehouse import connect, without_person_numbers

STANDING = """
select d.period, d.agency, f.state, f.content_digest, exists (
    select from meta.extract_confirmations as c
    where (c.delivery_id, c.extract, c.state, c.content_digest) = (f.delivery_id, f.extract, f.state, f.content_digest)
)
from meta.deliveries_in_force as d join meta.delivery_files as f using (delivery_id, manifest_sha256)
where d.delivery_id = %s and f.extract = %s
"""
CONFIRM = """
insert into meta.extract_confirmations (delivery_id, extract, state, content_digest, by_name, reason)
values (%s, %s, %s, %s, %s, %s)
"""


def confirm_extract(delivery_id: str, extract: str, by_name: str, reason: str) -> str:
    """Let an extract of an accepted delivery go as it stands; returns the delivery's period.

    It holds no release any more, and rules that need it are checked again, from the next assessment on: what it says, or that
    it says nothing, is then known as of the period's last day.

    Raises UserError where there is no such extract in force, nothing of it needs confirming, or no reason is given.
    """
    require_reason(by_name, reason)
    with connect() as connection:
        known = connection.execute(STANDING, [delivery_id, extract]).fetchone()
        period, agency, state, digest = _confirmable(known, delivery_id, extract)
        masked = without_person_numbers(connection, reason)
        connection.execute(CONFIRM, [delivery_id, extract, state, digest, by_name, masked])
        if agency in load_contracts():
            compare_from(connection, load_contracts()[agency], delivery_id)
        told = {"confirmed": extract, "state": state}
        audit.record(
            connection,
            audit.Event("alteration", by_name, agency=agency, delivery_id=delivery_id, detail=told),
        )
    return period


def _confirmable(
    known: tuple[str, str, str, str, bool] | None, delivery_id: str, extract: str
) -> tuple[str, str, str, str]:
    named = {"extract": neutral_name(extract), "delivery": neutral_name(delivery_id)}
    if known is None:
        raise SaidError("extract_not_in_force", "meta.delivery_files", **named)
    period, agency, state, digest, is_confirmed = known
    if is_confirmed:
        raise SaidError("extract_confirmed", "meta.extract_confirmations", **named)
    if state in {None, "first", "changed"}:
        raise SaidError("extract_needs_nothing", "meta.delivery_files", **named)
    return period, agency, state, digest
