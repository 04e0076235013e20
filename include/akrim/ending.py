"""The signals by which a command is asked to end: by Ctrl-C, by a supervisor, and as its terminal closes or the way to it is lost."""

import signal


def ending_signals() -> tuple[signal.Signals, ...]:
    """Those to listen to; not the last where it is ignored already, as `nohup` has it."""
    asked = (signal.SIGINT, signal.SIGTERM)
    return asked if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else (*asked, signal.SIGHUP)
