"""A release that exceeds a plausibility limit is put on hold until a person approves it, who did not ask for the run.

So is one that a person holds; and where AKRIM_APPROVAL is `always`, every one.
"""

from collections.abc import Sequence

import psycopg

from akrim import ledger, warehouse
from akrim.characters import neutral_name
from akrim.deliveries import require_data_mode
from akrim.errors import UserError
from akrim.ledger import Pins
from akrim.linkage.store import is_linked
from akrim.releases.plausibility import Reason, exceeded_limits
from akrim.sending import require_allowed
from akrim.settings import get_settings
from akrim.texts import texts
from akrim.texts.errors import SaidError, require_reason

# Whoever runs the pipeline reads both, as the ledger has them.
OPERATORS = ("en", "nb")
HELD_SINCE = (
    "select coalesce(min(held_at), now()) from meta.release_holds where release_id = %s and by_name is null"
)

# What was found first, and then what persons said in order of time.
HELD = """
select reason, coalesce(reason_nb, reason) from meta.release_holds
where release_id = %s order by by_name is not null, held_at, limit_code, reason
"""
HELD_BY_PERSONS = """
select reason, coalesce(reason_nb, reason) from meta.release_holds
where release_id = %s and by_name is not null order by held_at
"""
# The later of the two acts counts, also where the clock was set back between them.
HOLD = """
insert into meta.release_holds (release_id, limit_code, reason, reason_nb, by_name, given_reason, held_at)
select %(release)s, %(limit)s, %(en)s, %(nb)s, %(by)s, %(given)s, greatest(now(), max(approved_at) + interval '1 microsecond')
from meta.release_approvals where release_id = %(release)s
on conflict (release_id, limit_code, reason) do update set held_at = excluded.held_at
"""
APPROVE = """
insert into meta.release_approvals (release_id, fingerprint, by_name, reason, approved_at)
select %s, %s, %s, %s, greatest(now(), max(held_at)) from meta.release_holds where release_id = %s
"""
WITHDRAWN = """
select delivery_id from meta.release_deliveries join meta.delivery_withdrawals using (delivery_id)
where release_id = %s order by 1 limit 1
"""
EVERY_RELEASE = "every_release"
ASKED_FOR = """
select q.by_name from meta.release_requests as q join meta.releases as r using (release_id, fingerprint)
where release_id = %s and lower(trim(q.by_name)) = any(%s) and (
    r.pins -> 'settings' ->> 'data_mode' = 'production'
    or exists (select from meta.release_holds as h where h.release_id = r.release_id and h.limit_code = %s)
)
"""


class ReleaseOnHold(UserError):
    """The release needs a person's approval.

    Args:
        held: each reason, as the ledger has it in the languages of OPERATORS.
        reasons: those that were found just now.
    """

    def __init__(
        self, release_id: str, held: Sequence[tuple[str, ...]], reasons: Sequence[Reason] = ()
    ) -> None:
        lines = (
            line
            for language, told in zip(OPERATORS, zip(*held, strict=True), strict=True)
            for line in (
                texts(language, "messages")["holds"]["on_hold"].format(release_id=release_id),
                *(f"  {reason}" for reason in told),
            )
        )
        super().__init__(
            "\n".join(lines),
            "meta.release_holds",
            "Look into it. If the release is correct, approve it; no new run is needed:\n"
            f"         akrim releases approve {release_id} --by NAME --reason WHY" + _confirming(reasons),
        )


def check_limits(pins: Pins) -> None:
    """Raise ReleaseOnHold where the release exceeds a limit, or every one waits, and it is not approved; UserError where nobody could.

    Never once it was published. What was found before with these inputs holds it whatever the settings say now, of a limit or of which releases
    wait: only a person lets it go. The time since which it waits is that of the first run that found so.
    """
    if pins.serial is not None and ledger.is_out(pins.release_id):
        return
    reasons = exceeded_limits(pins)
    if get_settings().approval == "always":
        reasons.append(Reason(EVERY_RELEASE, {}))
    with warehouse.connect() as connection:
        since = connection.execute(HELD_SINCE, [pins.release_id]).fetchall()[0][0]
        for reason in reasons:
            connection.execute(
                "insert into meta.release_holds (release_id, limit_code, reason, reason_nb, held_at) values (%s, %s, %s, %s, %s)"
                " on conflict do nothing",
                [pins.release_id, reason.limit, *map(reason.told, OPERATORS), since],
            )
        held = connection.execute(HELD, [pins.release_id]).fetchall()
        if held and not _is_approved(connection, pins):
            ledger.mark_waiting(connection, pins.release_id)
            connection.commit()
            _require_newest(connection, pins)
            require_linked(connection, pins)
            raise ReleaseOnHold(pins.release_id, held, reasons)


def check_may_go(connection: psycopg.Connection, pins: Pins) -> None:
    """Whether what has come since the release was pinned lets it go out; nobody can hold it until the transaction ends.

    Never once it was published. Raises ReleaseOnHold where a person has held it since its limits were checked, and UserError where a delivery of
    its own was withdrawn, a home said to be protected or more withheld since.
    """
    connection.execute("select from meta.releases where release_id = %s for update", [pins.release_id])
    if ledger.is_out(pins.release_id):
        return
    held = connection.execute(HELD_BY_PERSONS, [pins.release_id]).fetchall()
    if held and not _is_approved(connection, pins):
        raise ReleaseOnHold(pins.release_id, held)
    _require_in_force(connection, pins)
    require_allowed(connection, pins)


def hold(release_id: str, by: str, reason: str) -> None:
    """Keep a release that is built, or being built, from going out until somebody lets it go (`approve`), however often it is run again.

    Raises UserError where it is out already, or is none that could go out, or no reason is given.
    """
    require_reason(by, reason)
    ledger.load(release_id)
    with warehouse.connect() as connection:
        ((status,),) = connection.execute(
            "select status from meta.releases where release_id = %s for update", [release_id]
        ).fetchall()
        if status != "building":
            is_out = status in {"published", "superseded"}
            raise SaidError("release_is_out" if is_out else "release_not_waiting", status, release=release_id)
        said = Reason(
            "by_person", {"name": by, "reason": warehouse.without_person_numbers(connection, reason)}
        )
        connection.execute(
            HOLD,
            {
                "release": release_id,
                "limit": said.limit,
                "by": by,
                "given": said.values["reason"],
                **{language: said.told(language) for language in OPERATORS},
            },
        )


def approve(release_id: str, by: str, reason: str, account: str = "") -> None:
    """Approve a release on hold.

    Args:
        account: of the machine from which it is approved, where that is not what `by` says.

    Raises UserError where it is not on hold, it is still being made, another one was published or linked, a delivery of its own withdrawn, a
    home said to be protected or more withheld since, nobody has approved what may be shared of real people, either name asked for its run, no
    reason is given, or what is in force is of the other world than the settings say.
    """
    require_reason(by, reason)
    require_data_mode()
    pins = ledger.load(release_id)
    asked = own_requests(release_id, by, account)
    if asked:
        raise SaidError("release_asked_for", release_id, release=release_id, name=asked[0])
    with warehouse.connect() as connection:
        _require_held(connection, release_id)
        _require_newest(connection, pins)
        _require_in_force(connection, pins)
        require_allowed(connection, pins)
        # Before that its limits are not checked, and nothing of it can be looked at.
        if not pins.is_explained:
            raise SaidError("release_being_made", release_id, release=release_id, period=str(pins.period))
        require_linked(connection, pins)
        if _is_approved(connection, pins):
            return
        connection.execute(
            APPROVE,
            [
                release_id,
                pins.fingerprint,
                by,
                warehouse.without_person_numbers(connection, reason),
                release_id,
            ],
        )


def _require_held(connection: psycopg.Connection, release_id: str) -> None:
    ((status, holds),) = connection.execute(
        """select status, (select count(*) from meta.release_holds as h where h.release_id = r.release_id)
        from meta.releases as r where release_id = %s""",
        [release_id],
    ).fetchall()
    if status != "building" or not holds:
        raise SaidError("release_not_held", status, release=release_id)


def _require_newest(connection: psycopg.Connection, pins: Pins) -> None:
    """Raise UserError where another release was published since this one was pinned."""
    newest, _ = ledger.last_published(connection)
    if newest != pins.base_release_id:
        raise SaidError(
            "release_overtaken",
            pins.release_id,
            release=pins.release_id,
            newest=str(newest),
            period=str(pins.period),
        )


def _require_in_force(connection: psycopg.Connection, pins: Pins) -> None:
    """Raise UserError where a delivery that the release was made from has been withdrawn: it was to count for nothing from then on."""
    withdrawn = connection.execute(WITHDRAWN, [pins.release_id]).fetchone()
    if withdrawn:
        raise SaidError(
            "release_of_withdrawn",
            pins.release_id,
            release=pins.release_id,
            delivery=neutral_name(withdrawn[0]),
            period=str(pins.period),
        )


def require_linked(connection: psycopg.Connection, pins: Pins) -> None:
    """Raise UserError where another run has since linked persons from where this one did, or an erasure undone it: none could go on from it."""
    if not is_linked(connection, pins.release_id):
        raise SaidError(
            "release_linked_over", pins.release_id, release=pins.release_id, period=str(pins.period)
        )


def own_requests(release_id: str, *names: str) -> list[str]:
    """Those of the names that asked for the release to be made, and so may not let it go; none where one may do both.

    With synthetic data one may try things out alone. It goes by what the release was made and held with, and not by the
    settings of whoever lets it go.
    """
    with warehouse.connect() as connection:
        rows = connection.execute(
            ASKED_FOR, [release_id, [name.strip().lower() for name in names], EVERY_RELEASE]
        ).fetchall()
    return [name for (name,) in rows]


def _confirming(reasons: Sequence[Reason]) -> str:
    """The way that checks again what an approval leaves unchecked: what needs an empty or shrunken extract."""
    commands = [
        "\n         akrim deliveries confirm {delivery_id} {extract} --by NAME --reason WHY".format(
            **reason.values
        )
        for reason in reasons
        if "delivery_id" in reason.values
    ]
    return (
        "\n       That lets it out with the rules unavailable that need an empty or shrunken extract. Where an extract is right as"
        " it stands, confirm it instead, and run the period again:" + "".join(commands)
        if commands
        else ""
    )


def _is_approved(connection: psycopg.Connection, pins: Pins) -> bool:
    """Whether somebody let it go as it is, and nobody has held it since."""
    row = connection.execute(
        "select 1 from meta.approvals_in_force where release_id = %s and fingerprint = %s",
        [pins.release_id, pins.fingerprint],
    ).fetchone()
    return row is not None
