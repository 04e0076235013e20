"""Produces an inbox with deliveries, and a truth/ folder beside it.

The world is recreated on every call from seed and number of persons, so periods can be requested one at a time.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from akrim.contracts import DECISIONS_SENDER
from akrim.errors import UserError
from akrim.periods import Period
from akrim.synthetic.answer_key import truth_folder, write_answer_key
from akrim.synthetic.delivery.bad_deliveries import EVERY_CODE, USUAL_AGENCY, bad_delivery, check_code
from akrim.synthetic.delivery.decisions import assessments_of, decide
from akrim.synthetic.delivery.delivery import Delivery, DeliverySpec, prepare, put, write
from akrim.synthetic.extracts import AGENCIES
from akrim.synthetic.world.timeline import FIRST_PERIOD, cut_off
from akrim.synthetic.world.world import Announce, World, make_world


@dataclass(frozen=True)
class Request:
    """What to make: the options of `akrim synth`.

    Attributes:
        agencies: whose deliveries; none are the five that send each period.
        bad_rows: whether about one row in 500 is wrong on purpose.
        supersede: whether a second delivery follows that replaces the first.
        bad: the codes for which a delivery that is refused is made, too.
        decisions_on: the folder of a release on which the centres decide.
    """

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
    """The folders of the deliveries, that of the answer key, and the rows in all files."""

    deliveries: list[Path]
    truth: Path
    rows: int


def produce(request: Request, announce: Announce = lambda _step: None) -> Produced:
    """Write the requested deliveries and their answer key."""
    _check(request)
    _check_same_world(request)
    world = make_world(request.seed, request.persons, announce)
    deliveries: list[Delivery] = []
    folders: list[Path] = []
    rows = 0
    for name, make in _requested(request, world):
        announce(f"delivery {name}")
        delivery = make()
        folders.append(write(request.inbox, delivery))
        rows += sum(file.rows for file in delivery.files)
        if not delivery.is_bad:
            deliveries.append(delivery.without_contents())
    announce("answer key")
    truth = write_answer_key(request.inbox, world, request.period, deliveries)
    return Produced(folders, truth, rows)


def _check(request: Request) -> None:
    cut_off(request.period)
    if request.mode not in ("full", "delta"):
        raise UserError(f"There is no mode {request.mode!r}.", "--mode", "Choose full or delta.")
    if request.mode == "delta" and request.period == FIRST_PERIOD:
        raise UserError(
            f"There is no period before {request.period}.", "--mode", "Choose full, or a later period."
        )
    for agency in request.agencies:
        if agency not in AGENCIES:
            raise UserError(
                f"No agency {agency!r} delivers here.", "--agency", f"Choose from {', '.join(AGENCIES)}."
            )
    for code in _codes(request):
        check_code(code)
    if request.decisions_on is not None:
        assessments_of(request.decisions_on)


def _check_same_world(request: Request) -> None:
    """Raise UserError if the inbox is of another world, whose records would be confused with this one's."""
    note = truth_folder(request.inbox) / "world.json"
    world = {"seed": request.seed, "persons": request.persons}
    if note.exists():
        there = json.loads(note.read_text(encoding="utf-8"))
        if there != world:
            raise UserError(
                f"This inbox is of another world: seed {there['seed']}, {there['persons']} persons.",
                str(note),
                "Give those arguments, or another --out.",
            )
    request.inbox.mkdir(parents=True, exist_ok=True)  # before the note, which is not to lie beside a file
    note.parent.mkdir(exist_ok=True)
    put(note, [(json.dumps(world) + "\n").encode()])


def _codes(request: Request) -> tuple[str, ...]:
    """The requested codes; `all` means every code that needs no earlier delivery or key."""
    return EVERY_CODE if request.bad == ("all",) else request.bad


def _requested(request: Request, world: World) -> Iterator[tuple[str, Callable[[], Delivery]]]:
    """Each delivery's name and a function that makes it, so that only one is in memory at a time."""
    agencies = request.agencies or tuple(AGENCIES)
    first = [
        DeliverySpec(agency, request.period, mode=request.mode, bad_rows=request.bad_rows)
        for agency in agencies
    ]
    second = [DeliverySpec(o.agency, o.period, 2, "full", o.delivery_id, bad_rows=False) for o in first]
    for spec in first + (second if request.supersede else []):
        yield spec.delivery_id, partial(prepare, world, spec)
    agency = USUAL_AGENCY if USUAL_AGENCY in agencies else agencies[0]
    for nth, code in enumerate(_codes(request)):
        spec = DeliverySpec(agency, request.period, (3 if request.supersede else 2) + nth)
        yield f"{spec.delivery_id} ({code})", partial(bad_delivery, world, spec, code)
    if request.decisions_on is not None:
        spec = DeliverySpec(DECISIONS_SENDER, request.period, mode="delta", bad_rows=request.bad_rows)
        yield spec.delivery_id, partial(decide, world.chance, spec, request.decisions_on)
