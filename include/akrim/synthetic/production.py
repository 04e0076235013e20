"""A request in, an inbox with deliveries and a truth/ folder beside it out.

The world is made anew on every call from seed and number of persons, so periods can be asked for one at a time.
"""

from dataclasses import dataclass
from pathlib import Path

from akrim.periods import Period
from akrim.synthetic.answer_key import write_answer_key
from akrim.synthetic.delivery import Delivery, Order, prepare, write
from akrim.synthetic.extracts import AGENCIES
from akrim.synthetic.timeline import cut_off
from akrim.synthetic.world import Announce, make_world


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


def produce(request: Request, announce: Announce = lambda step: None) -> Produced:
    """Write the deliveries that were asked for, and their answer key."""
    cut_off(request.period)
    world = make_world(request.seed, request.persons, announce)
    deliveries: list[Delivery] = []
    folders: list[Path] = []
    for order in _orders(request):
        announce(f"delivery {order.delivery_id}")
        delivery = prepare(world, order)
        folders.append(write(request.inbox, delivery))
        deliveries.append(delivery)
    announce("answer key")
    truth = write_answer_key(request.inbox, world, request.period, deliveries)
    return Produced(folders, truth, sum(file.rows for delivery in deliveries for file in delivery.files))


def _orders(request: Request) -> list[Order]:
    agencies = request.agencies or tuple(AGENCIES)
    first = [Order(agency, request.period, mode=request.mode, bad_rows=request.bad_rows) for agency in agencies]
    second = [
        Order(order.agency, order.period, 2, "full", order.delivery_id, bad_rows=False) for order in first
    ]
    return first + (second if request.supersede else [])
