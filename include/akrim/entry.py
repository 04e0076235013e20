"""The entry point of the command `akrim`."""

import sys


def main() -> None:
    """Run the command; interrupted while its parts are still being read, it ends as it does later: without a traceback."""
    try:
        from akrim.cli import main as run_command

        run_command()
    except KeyboardInterrupt:
        sys.exit(130)
