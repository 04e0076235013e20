"""A request to end the run ends it, whoever handles the signal just then."""

import os
import signal
from collections.abc import Iterator

import pytest
from akrim.errors import UserError
from akrim.orchestration.local.interruption import Interruption

ASKING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture
def interruption() -> Iterator[Interruption]:
    before = {number: signal.getsignal(number) for number in ASKING}
    yield Interruption()
    signal.set_wakeup_fd(-1)
    for number, handler in before.items():
        signal.signal(number, handler)


def ended(interruption: Interruption, number: signal.Signals, *, swallowed: bool) -> bool:
    """Whether what ran came to its end before the run was ended."""
    done = False

    def run() -> None:
        nonlocal done
        with interruption.raised_in("receive_nav"):
            if swallowed:
                signal.signal(number, lambda *_: None)
            os.kill(os.getpid(), number)
            done = True

    with pytest.raises(UserError, match="Stopped on request"):
        run()
    return done


@pytest.mark.parametrize("number", ASKING)
def test_a_signal_ends_what_runs(interruption: Interruption, number: signal.Signals) -> None:
    assert not ended(interruption, number, swallowed=False)


@pytest.mark.parametrize("number", ASKING)
def test_a_signal_that_another_handler_swallows_ends_the_run_after_it(
    interruption: Interruption, number: signal.Signals
) -> None:
    """As while Airflow starts a task."""
    assert ended(interruption, number, swallowed=True)


def test_without_a_signal_and_with_others_nothing_ends(interruption: Interruption) -> None:
    with interruption.raised_in("receive_nav"):
        signal.signal(signal.SIGUSR1, lambda *_: None)
        os.kill(os.getpid(), signal.SIGUSR1)


def test_what_nohup_started_goes_on_after_its_terminal() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Interruption().raised_in("receive_nav"):
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGHUP, before)
