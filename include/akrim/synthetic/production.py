"""A request in, an inbox with deliveries and a truth/ folder beside it out.

The world is made anew on every call from seed and number of persons, so periods can be asked for one at a time.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from akrim.errors import UserError
from akrim.periods import Period
from akrim.synthetic.answer_key import write_answer_key
from akrim.synthetic.bad_deliveries import USUAL_AGENCY, bad_delivery, check_code
from akrim.synthetic.decisions import decide
from akrim.synthetic.delivery import Delivery, Order, prepare, write
from akrim.synthetic.extracts import AGENCIES
from akrim.synthetic.timeline import cut_off
from akrim.synthetic.world import Announce, World, make_world


@dataclass(frozen=True)
class Request:
    inbox: Path
    period: Period
    persons: int
    seed: int
    agencies: tuple[str, ...] = ()
    mode: str = "full"
    bad_rows: bool = True
    supersede: bool = False
    bad: tuple[str, ...] = ()
    decisions_on: Path | None = None


@dataclass
class Produced:
    deliveries: list[Path]
    truth: Path
    rows: int


def produce(request: Request, announce: Announce = lambda _step: None) -> Produced:
    """Write the deliveries that were asked for, and their answer key."""
    _check(request)
    world = make_world(request.seed, request.persons, announce)
    deliveries: list[Delivery] = []
    folders: list[Path] = []
    rows = 0
    for name, make in _wanted(request, world):
        announce(f"delivery {name}")
        delivery = make()
        folders.append(write(request.inbox, delivery))
        rows += sum(file.rows for file in delivery.files)
        if not delivery.is_bad:
            deliveries.append(delivery)
    announce("answer key")
    truth = write_answer_key(request.inbox, world, request.period, deliveries)
    return Produced(folders, truth, rows)


def _check(request: Request) -> None:
    cut_off(request.period)
    if request.mode not in ("full", "delta"):
        raise UserError(f"There is no mode {request.mode!r}.", "--mode", "Choose full or delta.")
    for agency in request.agencies:
        if agency not in AGENCIES:
            raise UserError(
                f"No agency {agency!r} delivers here.", "--agency", f"Choose from {', '.join(AGENCIES)}."
            )
    for code in request.bad:
        check_code(code)


def _wanted(request: Request, world: World) -> Iterator[tuple[str, Callable[[], Delivery]]]:
    """Each delivery's name and how to make it, one at a time: only one need be in memory for long."""
    agencies = request.agencies or tuple(AGENCIES)
    first = [
        Order(agency, request.period, mode=request.mode, bad_rows=request.bad_rows) for agency in agencies
    ]
    second = [Order(o.agency, o.period, 2, "full", o.delivery_id, bad_rows=False) for o in first]
    for order in first + (second if request.supersede else []):
        yield order.delivery_id, partial(prepare, world, order)
    agency = USUAL_AGENCY if USUAL_AGENCY in agencies else agencies[0]
    for nth, code in enumerate(request.bad):
        order = Order(agency, request.period, (3 if request.supersede else 2) + nth)
        yield f"{order.delivery_id} ({code})", partial(bad_delivery, world, order, code)
    if request.decisions_on is not None:
        order = Order("sentrene", request.period, mode="delta", bad_rows=request.bad_rows)
        yield order.delivery_id, partial(decide, world.chance, order, request.decisions_on)
