"""The nominations that an agency sends: those that stand on the day, without what anybody said."""

import numpy as np
import pyarrow as pa

from akrim.synthetic.extracts.columns import ISO, ExtractTable, dates, extract, numbered, orgnrs, serials
from akrim.synthetic.world.agencies.nominations import nominate
from akrim.synthetic.world.randomness import Integers
from akrim.synthetic.world.world import World


def nominations_of(
    world: World,
    as_of: int,
    agency: str,
    key: str,
    records: tuple[pa.Array, Integers, Integers],
    form: str = ISO,
) -> ExtractTable:
    """The extract of that agency.

    Args:
        key: the column that names a person.
        records: the agency's records of persons: the ids, whose they are, and from which day on it has them.
    """
    ids, person, since = records
    seen = nominate(world.chance, agency, world.cast, (world.enterprises, world.networks), (person, since))
    serial = numbered("N", serials(world.chance, f"nominations of {agency}", len(seen.on), 1000))
    rows = np.flatnonzero((seen.on <= as_of) & (as_of <= seen.until))
    record = seen.record[rows]
    return extract(
        "nominasjoner",
        {
            "nominasjon_id": serial.take(rows),
            "dato": dates(seen.on[rows], form=form),
            "gyldig_til": dates(seen.until[rows], form=form),
            key: ids.take(pa.array(record, mask=record < 0)),
            "orgnr": orgnrs(world.orgnr, seen.enterprise[rows]),
            "observert": seen.observed[rows],
            "kilde_gradering": seen.source_grade[rows],
            "opplysning_gradering": seen.information_grade[rows],
        },
    )
