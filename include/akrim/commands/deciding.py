"""What it takes to decide something by a command: who decides, and why."""

from typing import Annotated

import typer

By = Annotated[str, typer.Option("--by", help="Who decides it.")]
Reason = Annotated[str, typer.Option(help="Why, in plain words; nothing about any person.")]
