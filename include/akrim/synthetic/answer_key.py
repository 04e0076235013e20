"""The answer key in truth/ beside the inbox: who every record is, what every actor did, which rows are wrong.

The pipeline never loads it. person_record.csv and quarantine.csv cover all periods made so far; the other files show
the world at the end of the newest period written.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from akrim.periods import Period
from akrim.synthetic.delivery.delivery import Delivery, put
from akrim.synthetic.delivery.files import comma_separated
from akrim.synthetic.extracts.columns import dates, orgnrs, person_numbers
from akrim.synthetic.extracts.skatteetaten import PROTECTIONS
from akrim.synthetic.look_alikes import LOOK_ALIKES
from akrim.synthetic.world.enterprises import Enterprises
from akrim.synthetic.world.people.cast import THREAT_ACTORS
from akrim.synthetic.world.randomness import Integers
from akrim.synthetic.world.roles import LEADING
from akrim.synthetic.world.timeline import END, NEVER, cut_off
from akrim.synthetic.world.world import World

INVOLVEMENT_DAYS = 365
PERSONS_AT_ONCE = 200_000


def truth_folder(inbox: Path) -> Path:
    return inbox.resolve().parent / "truth"


def write_answer_key(inbox: Path, world: World, period: Period, deliveries: list[Delivery]) -> Path:
    folder = truth_folder(inbox)
    folder.mkdir(parents=True, exist_ok=True)
    as_of = cut_off(period)
    _gather(folder / "person_record.csv", period, _person_records(period, deliveries))
    _gather(folder / "quarantine.csv", period, [_wrong_rows(period, deliveries)])
    put(folder / "person.csv", comma_separated(_persons(world, as_of)))
    for name, table in {
        "enterprise": _enterprises(world, as_of),
        "phoenix": _phoenixes(world, as_of),
        "straw_man": _straw_men(world, as_of),
        "bankruptcy_involvement": _bankruptcies(world, as_of),
        "network": _networks(world),
        **{name: table(world, as_of) for name, table in LOOK_ALIKES.items()},
    }.items():
        put(folder / f"{name}.csv", comma_separated([table]))
    return folder


def _gather(path: Path, period: Period, tables: Iterable[pa.Table]) -> None:
    """Replace the period's rows in a file of several periods, ordered by period."""
    put(path, _merged(path, str(period).encode(), comma_separated(tables)))


def _merged(path: Path, period: bytes, parts: Iterator[bytes]) -> Iterator[bytes]:
    """The header, and this period's rows between those of the others."""
    yield next(parts)
    yield from _rows_of(path, lambda other: other < period)
    yield from parts
    yield from _rows_of(path, lambda other: other > period)


def _rows_of(path: Path, is_meant: Callable[[bytes], bool]) -> Iterator[bytes]:
    """The lines of the periods that are meant, where the file is there already."""
    if path.exists():
        with path.open("rb") as lines:
            next(lines)
            yield from (line for line in lines if is_meant(line.partition(b",")[0]))


def _person_records(period: Period, deliveries: list[Delivery]) -> Iterator[pa.Table]:
    for delivery in deliveries:
        if delivery.spec.number > 1:
            continue
        for records in delivery.records:
            total = len(records.ids)
            yield pa.table({
                "period": pa.repeat(str(period), total),
                "source": pa.repeat(delivery.spec.agency, total),
                "extract": pa.repeat(records.extract, total),
                "source_record_id": records.ids,
                "true_person_id": records.person + 1,
                "ident_kind": records.ident_kind,
            })  # fmt: skip


def _wrong_rows(period: Period, deliveries: list[Delivery]) -> pa.Table:
    rows = [
        {
            "period": str(period), "delivery_id": delivery.spec.delivery_id, "agency": delivery.spec.agency,
            "extract": file.extract, "row_number": str(wrong.row_number), "code": wrong.code, "key": wrong.key,
        }
        for delivery in deliveries
        for file in delivery.files
        for wrong in file.wrong
    ]  # fmt: skip
    names = ("period", "delivery_id", "agency", "extract", "row_number", "code", "key")
    return pa.table({name: pa.array([row[name] for row in rows], pa.string()) for name in names})


def _persons(world: World, as_of: int) -> Iterator[pa.Table]:
    """Persons that a register could know by that day, as of that day."""
    known = np.flatnonzero(world.persons.entered <= as_of)
    for start in range(0, len(known), PERSONS_AT_ONCE):
        yield _described(world, as_of, known[start : start + PERSONS_AT_ONCE])


def _described(world: World, as_of: int, who: Integers) -> pa.Table:
    persons, identities, cast = world.persons, world.identities, world.cast
    on = np.full(len(who), as_of)
    dwelling = world.residences.at(persons.chain_on(who, on), on)
    switched = identities.number_since[who]
    switched = np.where((identities.d_number[who] > 0) & (identities.national[who] > 0), switched, NEVER)
    protection = np.where(identities.protected_since[who] <= as_of, identities.protection[who], 0)
    family = persons.families_on(who, on)
    network = cast.network[who]
    return pa.table({
        "true_person_id": pa.array(who + 1),
        "fodselsnummer": person_numbers(np.where(identities.number_since[who] <= as_of, identities.national[who], 0)),
        "d_nummer": person_numbers(identities.d_number[who]),
        "d_to_f_date": dates(switched, as_of),
        "fornavn": persons.given[who],
        "mellomnavn": pa.array(persons.middles_on(who, on), pa.string()),
        "etternavn": family,
        "fodt_etternavn": persons.family[who],
        "fodselsdato": dates(persons.birth[who]),
        "kjonn": np.where(persons.is_male[who], "M", "K"),
        "adresse": world.residences.addresses(dwelling),
        "postnummer": world.residences.postcodes(dwelling),
        "kommunenummer": world.residences.municipalities(dwelling),
        "household_id": persons.household[who],
        "adressebeskyttelse": PROTECTIONS[protection],
        "unregistered": identities.is_unregistered[who],
        "is_threat_actor": np.isin(cast.kind[who], THREAT_ACTORS),
        "kind": cast.kind[who],
        "network_id": pa.array(network, mask=network < 0),
        "twin_of": pa.array(persons.twin_of[who] + 1, mask=persons.twin_of[who] < 0),
    })  # fmt: skip


def _enterprises(world: World, as_of: int) -> pa.Table:
    firms: Enterprises = world.enterprises
    rows = np.flatnonzero(firms.registered <= as_of)
    part = np.full(len(firms), "ordinary", dtype=object)
    part[world.networks.step_enterprise] = "network"
    part[world.networks.side_enterprise] = "network_side"
    part[world.networks.sole_enterprise] = "bogus_self_employment"
    return pa.table({
        "orgnr": orgnrs(world.orgnr, rows),
        "kind": part[rows],
        "network_id": pa.array(firms.network[rows], mask=firms.network[rows] < 0),
        "founded": dates(firms.founded[rows]),
        "bankrupt": dates(firms.bankrupt_on[rows], as_of),
        "owner_true_person_id": firms.owner[rows] + 1,
    })  # fmt: skip


def _phoenixes(world: World, as_of: int) -> pa.Table:
    """Every bankrupt enterprise of a network with its successor, and what they share."""
    networks, firms = world.networks, world.enterprises
    first = np.flatnonzero(~networks.is_last())
    old, new = networks.step_enterprise[first], networks.step_enterprise[first + 1]
    known = (firms.bankrupt_on[old] <= as_of) & (firms.registered[new] <= as_of)
    first, old, new = first[known], old[known], new[known]
    moved = _moved_employees(world, old, new)
    return pa.table({
        "network_id": networks.step_network[first],
        "bankrupt_orgnr": orgnrs(world.orgnr, old),
        "successor_orgnr": orgnrs(world.orgnr, new),
        "bankrupt_date": dates(firms.bankrupt_on[old]),
        "successor_founded": dates(firms.founded[new]),
        "same_address": firms.chain[old] == firms.chain[new],
        "same_industry": firms.industry[old] == firms.industry[new],
        "moved_employees": moved,
    })  # fmt: skip


def _moved_employees(world: World, old: Integers, new: Integers) -> Integers:
    jobs, span = world.employment, np.int64(len(world.persons))
    pairs = np.unique(jobs.enterprise * span + jobs.person)
    position = np.full(len(world.enterprises), -1)
    position[old] = np.arange(len(old))
    firm, person = pairs // span, pairs % span
    leavers = np.flatnonzero(position[firm] >= 0)
    at = position[firm[leavers]]
    followed = np.isin(new[at] * span + person[leavers], pairs)
    return np.bincount(at[followed], minlength=len(old))


def _straw_men(world: World, as_of: int) -> pa.Table:
    """Who lent a name to whom, from which day, in which enterprises."""
    roles, cast, networks = world.roles, world.cast, world.networks
    rows = np.flatnonzero(
        (cast.kind[np.maximum(roles.person, 0)] == "straw_man") & (roles.person >= 0) & (roles.since <= as_of)
    )
    in_network = world.enterprises.network[roles.enterprise[rows]] == cast.network[roles.person[rows]]
    rows = rows[in_network & networks.uses_straw_man[cast.network[roles.person[rows]]]]
    network = cast.network[roles.person[rows]]
    return pa.table({
        "network_id": network,
        "straw_true_person_id": roles.person[rows] + 1,
        "behind_true_person_id": cast.leaders[network] + 1,
        "orgnr": orgnrs(world.orgnr, roles.enterprise[rows]),
        "role_code": roles.code[rows],
        "since": dates(roles.since[rows]),
    })  # fmt: skip


def _bankruptcies(world: World, as_of: int) -> pa.Table:
    """Leading roles held on the day of a bankruptcy or within the year before."""
    roles = world.roles
    bankrupt = world.enterprises.bankrupt_on[roles.enterprise]
    involved = np.isin(roles.code, LEADING) & (roles.person >= 0) & (bankrupt <= min(as_of, END))
    involved &= (roles.since <= bankrupt) & (roles.until > bankrupt - INVOLVEMENT_DAYS)
    rows = np.flatnonzero(involved)
    return pa.table({
        "true_person_id": roles.person[rows] + 1,
        "orgnr": orgnrs(world.orgnr, roles.enterprise[rows]),
        "role_code": roles.code[rows],
        "bankruptcy_date": dates(bankrupt[rows]),
    })  # fmt: skip


def _networks(world: World) -> pa.Table:
    networks, count = world.networks, len(world.networks.start)
    return pa.table({
        "network_id": np.arange(count),
        "leader_true_person_id": world.cast.leaders + 1,
        "started": dates(networks.start),
        "steps": np.bincount(networks.step_network, minlength=count),
        "crew": np.bincount(networks.crew_network, minlength=count),
        "uses_straw_man": networks.uses_straw_man,
        "uses_fictitious_jobs": networks.uses_fictitious_jobs,
        "uses_sole_proprietors": networks.uses_sole_proprietors,
        "uses_fictitious_invoices": networks.uses_fictitious_invoices,
        "underpays": world.underpays,
        "understates_positions": world.small_positions.understates,
        "changes_accountants": world.accountant_changes.often,
    })  # fmt: skip
