"""Nobody's number is another's, also where more are born on a day than it has numbers for."""

import numpy as np
from akrim.synthetic.world.numbers import person_numbers
from akrim.synthetic.world.people.persons import where_numbers_are_left
from akrim.synthetic.world.timeline import day


def test_who_finds_a_days_numbers_taken_is_of_a_day_after_it() -> None:
    crowded = np.repeat([day(1975), day(2003), day(1939)], 1000)
    alone = np.arange(day(1950), day(1960))
    births = np.concatenate([crowded, alone])
    are_male = np.arange(len(births)) % 2 == 0
    found = where_numbers_are_left(births, are_male)
    assert (found >= births).all()
    assert (found[: len(crowded)] - crowded).max() < 5
    assert (found[len(crowded) :] == alone).all()
    numbers = person_numbers(found, are_male, np.random.default_rng(1))
    assert len(set(numbers.tolist())) == len(births)
