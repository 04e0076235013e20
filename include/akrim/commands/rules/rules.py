"""`akrim rules`: what other rules would do, and what became of those whom the rules pointed at."""

import typer

from akrim.commands.rules.efficacy import efficacy
from akrim.commands.rules.what_if import what_if

app = typer.Typer(
    no_args_is_help=True,
    help="The rules: what others would do to the lists, and what became of those whom they pointed at.",
)
app.command(name="what-if")(what_if)
app.command(name="efficacy")(efficacy)
