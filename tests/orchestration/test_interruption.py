"""A request to end the run ends it, whoever handles the signal just then."""

import os
import signal
from collections.abc import Iterator

import pytest
from akrim.errors import UserError
from akrim.orchestration.local.interruption import Interruption


@pytest.fixture
def interruption() -> Iterator[Interruption]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield Interruption()
    signal.set_wakeup_fd(-1)
    for number, handler in before.items():
        signal.signal(number, handler)


def ended(interruption: Interruption, *, swallowed: bool) -> bool:
    """Whether what ran came to its end before the run was ended."""
    done = False

    def run() -> None:
        nonlocal done
        with interruption.raised_in("receive_nav"):
            if swallowed:
                signal.signal(signal.SIGTERM, lambda *_: None)
            os.kill(os.getpid(), signal.SIGTERM)
            done = True

    with pytest.raises(UserError, match="Stopped on request"):
        run()
    return done


def test_a_signal_ends_what_runs(interruption: Interruption) -> None:
    assert not ended(interruption, swallowed=False)


def test_a_signal_that_another_handler_swallows_ends_the_run_after_it(interruption: Interruption) -> None:
    """As while Airflow starts a task."""
    assert ended(interruption, swallowed=True)


def test_without_a_signal_and_with_others_nothing_ends(interruption: Interruption) -> None:
    with interruption.raised_in("receive_nav"):
        signal.signal(signal.SIGUSR1, lambda *_: None)
        os.kill(os.getpid(), signal.SIGUSR1)
