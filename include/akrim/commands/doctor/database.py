"""Checks of the database: its version and tables, and what lies in it."""

from pathlib import Path

from akrim.commands.doctor.caution import Absent, Caution
from akrim.commands.doctor.installation import has_inbox
from akrim.errors import UserError
from akrim.settings import get_settings


def database() -> str:
    from akrim import warehouse
    from akrim.warehouse import embedded

    if not get_settings().database_url and not embedded.is_made(get_settings().home / "postgres"):
        return Absent("embedded, and not made yet; the first `akrim run` makes it")
    kind = "of AKRIM_DATABASE_URL" if get_settings().database_url else "embedded"
    with warehouse.connect() as connection:
        warehouse.require_usable(connection)
        return f"PostgreSQL {warehouse.server_version(connection)}, {kind}"


def tables() -> str:
    from akrim import warehouse

    if not warehouse.is_prepared():
        return Absent("not this version's yet; the next run lays them")
    return "are this version's"


def audit_log() -> str:
    from akrim import audit

    verified = audit.verify()
    return f"{verified.position} events, none lost or changed"


def releases() -> str:
    """Whether what was published is still here, and the newest as it was signed: the database has its rows, its folder alone the bytes."""
    from akrim import ledger
    from akrim.trust import find_problems

    if lost := ledger.lost_releases():
        raise UserError(
            f"The files of {', '.join(lost)} are not here.",
            str(get_settings().releases_path),
            "Put them back from a backup (releases/ in its folder home/), and hold them against `akrim releases verify`.",
        )
    out = [row for row in ledger.list_releases() if row["status"] in ledger.WENT_OUT]
    for newest in out[:1]:
        try:
            problems = [str(problem) for problem in find_problems(Path(newest["path"]))]
        except UserError as error:  # of its manifest
            problems = [error.what]
        if problems:
            raise UserError(
                f"The newest, {newest['release_id']}, is not as it was signed: {problems[0]}",
                newest["path"],
                "Put it back from a backup; `akrim releases verify` tells of every file.",
            )
    return f"{len(out)} that went out have their files" if out else "none went out yet"


def retention() -> str:
    from akrim import expiry, warehouse
    from akrim.periods import today
    from akrim.releases.removal import pending_parts
    from akrim.retention import current_holds

    with warehouse.connect() as connection:
        unfinished = sum(map(len, pending_parts(connection).values()))
        states = expiry.survey(connection, today())
        holds = current_holds(connection)
        unlimited = expiry.told_unlimited(connection)
    due = [
        f"{sum(unit.rows for unit in state.due):,} of {state.limit.category}" for state in states if state.due
    ]
    told = f"{len(states)} categories have a limit; past it and to be removed: {', '.join(due) or 'nothing'}"
    # Who is held is told by `akrim retention show`, which logs it.
    held = [f"{hold.kind} {hold.held_id}" for hold in holds if hold.kind != "person"]
    if persons := len(holds) - len(held):
        held.append("1 person" if persons == 1 else f"{persons} persons")
    told += f"; held: {', '.join(held)}" if held else ""
    # An erasure was killed and not repeated, or another release has taken the place of theirs since.
    parts = (
        f"parts of releases that tell of somebody erased and may go: {unfinished}, by `akrim retention apply`"
    )
    cautions = [*([parts] if unfinished else []), *([unlimited] if unlimited else [])]
    return Caution("; ".join((told, *cautions))) if cautions else told


OF_RECEIPTS = {"no_receipt", "not_deleted"}


def deliveries() -> str:
    """What whoever runs the pipeline is told of by alerts, receipts apart: what came and is not assessed, did not come, or waits for them."""
    from akrim.orchestration import alerts
    from akrim.periods import today

    stands = [alert for alert in alerts.current_conditions(today()) if alert.kind not in OF_RECEIPTS]
    told = [
        "".join(f"\n  {alert.what('en')}" for alert in same) + f"\n    {same[0].advice('en')}"
        for same in alerts.by_advice(stands, "en")
    ]
    return Caution("".join(told)) if told else "nothing is refused, early, missing, too old or held"


def room_for_arrived() -> str:
    """Whether the disk holds what the next run makes of the deliveries that wait."""
    from akrim.deliveries import room_for_arrived

    if not has_inbox():  # of one that is set and gone, the check of the inbox tells
        return "no inbox is set"
    room = room_for_arrived(get_settings().inbox)
    if not room.rows:
        return "nothing waits"
    return str(room) if room.needed <= room.free else Caution(f"{room}: the next run may fill the disk")


def receipts() -> str:
    """Which centres are late with a receipt: of a release, or that they deleted a part that was erased."""
    from akrim.sending import missing_receipts, unconfirmed_erasures

    overdue = (
        (missing_receipts(), "no receipt of", "`akrim releases deliver --again` sends the newest release once more."),
        (unconfirmed_erasures(), "not confirmed that it deleted", "`akrim releases deleted` there confirms it."),
    )  # fmt: skip
    late = sorted(
        f"\n  {row['centre_id']}: {what} {row['release_id']}, {row['days']} days"
        for rows, what, _ in overdue
        for row in rows
    )
    if late:
        do = " ".join(["Call them.", *(do for rows, _, do in overdue if rows)])
        raise UserError("".join(late), next_step=do)
    return "none is overdue"


def mirror() -> str:
    """Which published releases are not in the mirror, and which are there that were never published here."""
    from akrim.sending import compare_mirror

    address = get_settings().releases_mirror
    if not address:
        return "none is set"
    try:
        missing, strange = compare_mirror()
    except OSError as error:
        raise UserError(
            f"It may not be read: {error.strerror}.",
            address,
            "Let the user that runs this read and write there.",
        ) from None
    told = {"missing there (`akrim releases deliver` sends it, or says why not)": missing,
            "there, and not published here (remove it, or name another address)": strange}  # fmt: skip
    minded = [f"{', '.join(names)}: {what}" for what, names in told.items() if names]
    return (
        Caution("; ".join(minded))
        if minded
        else f"{address} has every published release that may still be sent"
    )


def whose_data() -> str:
    """Whether what is in force is of real people, or made up, as the setting says."""
    from akrim.deliveries import require_data_mode

    require_data_mode()
    return "as AKRIM_DATA_MODE says"
