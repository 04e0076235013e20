"""Registered pay in the industries that have a generally applicable minimum: lawful, a little short now and then, or far too low.

Every other network or so pays most of its crew far too little. Drawn from a random stream of its own, on the finished employments.
"""

import numpy as np

from akrim.synthetic.world.employment import Employment
from akrim.synthetic.world.enterprises import Enterprises
from akrim.synthetic.world.networks import SURE_STARTS, Networks
from akrim.synthetic.world.randomness import Booleans, Chance, Floats, Integers
from akrim.synthetic.world.timeline import day
from akrim.synthetic.world.vocabulary import table

TRADES = ("BYGG", "SNEKKER", "MALER", "INNREDNING", "TAK", "STILLAS", "RENHOLD", "MAT", "GRILL", "VERFT")
HOURS_A_MONTH = 162.5
UNDERPAYING_SHARE = 0.45


def pay_wages(
    chance: Chance, enterprises: Enterprises, networks: Networks, employment: Employment
) -> Booleans:
    """Settle the pay, in place; which networks pay far too little."""
    rng = chance.stream("wages")
    underpays = rng.random(len(networks.start)) < UNDERPAYING_SHARE
    underpays[: len(SURE_STARTS)] = True
    total = len(employment)
    covered = np.isin(table("industries")["word"][enterprises.industry[employment.enterprise]], TRADES)
    in_chain = np.isin(employment.enterprise, networks.step_enterprise) & ~employment.is_fictitious
    network = np.maximum(enterprises.network[employment.enterprise], 0)
    too_low = covered & in_chain & underpays[network] & (rng.random(total) < 0.7)
    short = covered & ~in_chain & (rng.random(total) < 0.01)
    share = np.where(
        too_low, rng.uniform(0.3, 0.55, total), np.where(short, rng.uniform(0.65, 0.97, total), 1.0)
    )
    month = _lawful_hour(employment.start) * HOURS_A_MONTH * employment.percentage / 100
    lawful = np.maximum(employment.pay, month.astype(np.int64) + 1)
    settled = np.where(too_low | short, (month * share).astype(np.int64), lawful)
    employment.pay = np.where(covered, settled, employment.pay)
    return underpays


def _lawful_hour(days: Integers) -> Floats:
    """NOK an hour that no such agreement asks more than for somebody without experience."""
    return 190 + 6.5 * (days - day(2017, 6)) / 365.25
