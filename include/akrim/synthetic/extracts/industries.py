"""Industry codes in transition: SN2025 for new enterprises from September 2025, the others one by one until 2027."""

import numpy as np

from akrim.synthetic.world.randomness import Integers, Texts
from akrim.synthetic.world.timeline import day
from akrim.synthetic.world.vocabulary import table
from akrim.synthetic.world.world import World

FIRST_NEW = day(2025, 9)
LAST_RECODED = day(2028)


def industry_codes(world: World, enterprises: Integers, on: Integers) -> tuple[Texts, Texts]:
    """Code and description of the enterprises' industries, in the standard that applied to each on the day."""
    industries = table("industries")
    recoded = world.chance.stream("recoding").integers(FIRST_NEW, LAST_RECODED, len(world.enterprises))
    since = np.where(world.enterprises.founded >= FIRST_NEW, world.enterprises.founded, recoded)[enterprises]
    closed = world.enterprises.deleted_on[enterprises] < since
    new, industry = (on >= since) & ~closed, world.enterprises.industry[enterprises]
    return (
        np.where(new, industries["sn2025"][industry], industries["sn2007"][industry]),
        np.where(new, industries["name2025"][industry], industries["name2007"][industry]),
    )
