"""Who guesses waits longer and longer, by name and by address; who mistypes hardly notices."""

import pytest
from akrim.browser.safeguards.throttle import (
    FORGOTTEN_AFTER,
    FREE_OF_ADDRESS,
    FREE_OF_NAME,
    MAX_KEPT,
    MAX_WAIT,
    Throttle,
)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def throttle(clock: Clock) -> Throttle:
    return Throttle(clock)


def waits_of(throttle: Throttle, clock: Clock, attempts: int) -> list[float]:
    """The wait before each attempt of somebody who waits as he is told and is always wrong."""
    waits = []
    for _ in range(attempts):
        wait = throttle.attempt("admin", "192.0.2.1")
        waits.append(wait)
        if wait:
            clock.now += wait
            assert throttle.attempt("admin", "192.0.2.1") == 0
    return waits


def test_each_wrong_login_doubles_the_wait_up_to_a_limit(throttle: Throttle, clock: Clock) -> None:
    waits = waits_of(throttle, clock, FREE_OF_NAME + 12)
    assert waits[:FREE_OF_NAME] == [0] * FREE_OF_NAME
    assert waits[FREE_OF_NAME:] == [2, 4, 8, 16, 32, 64, 128, 256, 512, *[MAX_WAIT] * 3]


def test_an_attempt_in_the_wait_is_refused_and_does_not_lengthen_it(throttle: Throttle, clock: Clock) -> None:
    waits_of(throttle, clock, FREE_OF_NAME)
    assert [throttle.attempt("admin", "192.0.2.1") for _ in range(50)] == [2] * 50
    clock.now += 2
    assert throttle.attempt("admin", "192.0.2.1") == 0


def test_many_at_once_do_not_all_go_through(throttle: Throttle) -> None:
    """None of them has been answered when the last one comes."""
    assert sum(throttle.attempt("admin", "192.0.2.1") == 0 for _ in range(100)) == FREE_OF_NAME


def test_a_name_is_guarded_from_many_addresses(throttle: Throttle) -> None:
    assert sum(throttle.attempt("admin", f"192.0.2.{n}") == 0 for n in range(100)) == FREE_OF_NAME


def test_an_address_that_tries_many_names_waits(throttle: Throttle) -> None:
    assert sum(throttle.attempt(f"user{n}", "192.0.2.1") == 0 for n in range(100)) == FREE_OF_ADDRESS
    assert throttle.attempt("user1000", "192.0.2.2") == 0, "another address is not concerned"


def test_a_right_login_starts_the_name_anew(throttle: Throttle, clock: Clock) -> None:
    waits_of(throttle, clock, FREE_OF_NAME - 1)
    assert throttle.attempt("admin", "192.0.2.1") == 0
    throttle.succeeded("admin", "192.0.2.1")
    assert waits_of(throttle, clock, FREE_OF_NAME) == [0] * FREE_OF_NAME


def test_ones_own_right_logins_buy_no_guesses_at_others(throttle: Throttle) -> None:
    guessed = 0
    for n in range(100):
        guessed += throttle.attempt(f"user{n}", "192.0.2.1") == 0
        if throttle.attempt("own", "192.0.2.1") == 0:
            throttle.succeeded("own", "192.0.2.1")
    assert guessed == FREE_OF_ADDRESS


def test_what_held_no_password_counts_neither_way(throttle: Throttle) -> None:
    for _ in range(100):
        assert throttle.attempt("admin", "192.0.2.1") == 0
        throttle.undecided("admin", "192.0.2.1")


def test_wrong_logins_are_forgotten_after_a_day(throttle: Throttle, clock: Clock) -> None:
    waits_of(throttle, clock, FREE_OF_NAME + 3)
    clock.now += FORGOTTEN_AFTER + 1
    assert waits_of(throttle, clock, FREE_OF_NAME) == [0] * FREE_OF_NAME


def test_what_is_kept_is_bounded_however_many_names_are_tried(throttle: Throttle) -> None:
    for n in range(MAX_KEPT + 100):
        throttle.attempt("x" * 1000 + str(n), f"address {n}")
    assert len(throttle._counts) == MAX_KEPT
    assert {len(key) for key in throttle._counts} == {32}
