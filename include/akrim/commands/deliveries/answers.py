"""`akrim deliveries docs` and `receipt`: what is made of a delivery for people to read, here and at the agency."""

from typing import Annotated

import typer

from akrim import warehouse
from akrim.characters import neutral_name
from akrim.commands.deliveries.table import show_table
from akrim.commands.output import JsonOption, Screen
from akrim.errors import UserError
from akrim.settings import get_settings


def docs(
    delivery: Annotated[str, typer.Argument(help="The id of a delivery whose rows were validated.")],
) -> None:
    """Build Great Expectations' Data Docs of a delivery: which expectations held, and how many rows broke the others.

    The pages need no network and say nothing of any row. They are made anew each time.

    Example: akrim deliveries docs nav-2026-T1-01
    """
    from akrim.deliveries.data_docs import build_data_docs

    warehouse.prepare()
    Screen(soft_wrap=True).print(str(build_data_docs(delivery)))


def receipt(
    delivery: Annotated[str, typer.Argument(help="A delivery's id, such as nav-2026-T1-01.")],
    again: Annotated[
        bool, typer.Option("--again", help="Also where it was sent before and says the same.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Send the agency its receipt of a delivery, unless it has that one, and show where it lies in the outbox.

    Receiving does this by itself. The rows that were set aside are in it only where it is sealed for a key of the
    agency's: akrim keys add AGENCY recipient.txt

    Example: akrim deliveries receipt nav-2026-T1-01
    """
    from akrim.sending.agencies import send_receipts, sent_receipts

    warehouse.prepare()
    result = send_receipts(delivery_id=delivery, again=again)
    rows = sent_receipts(delivery)
    if not rows:
        raise UserError(
            f"No delivery {neutral_name(delivery)} came.",
            "meta.deliveries",
            "`akrim deliveries` shows what came.",
        )
    show_table(rows, ("delivery_id", "status", "sent_at", "place"), as_json, "")
    if result.failed:
        raise UserError(
            "The receipt was not sent: " + "; ".join(result.failed.values()),
            get_settings().outbox_address,
            "Put it right, and try again: what was received stays.",
        )
