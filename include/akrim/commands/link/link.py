"""`akrim link`: clerical review of person linkage, its models and its quality."""

import logging
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from akrim.commands.days import day as parse_day
from akrim.commands.link.quality import quality
from akrim.commands.link.review import decide, require_records, review
from akrim.commands.output import JsonOption, Screen, bare_table, print_json

app = typer.Typer(
    no_args_is_help=True,
    help="Person linkage: measure it, train it, look at doubtful links and decide on them.",
)


app.command()(quality)
app.command()(review)
app.command()(decide)


@app.command()
def evaluate(
    records: Annotated[
        Path, typer.Option(help="Parquet of person records: the columns of intermediate.person_records.")
    ],
    truth: Annotated[Path, typer.Option(help="Parquet with source, source_record_id, true_person_id.")],
    train: Annotated[
        bool, typer.Option("--train", help="Train on these very records instead of using the newest model.")
    ] = False,
    model: Annotated[str, typer.Option(help="The model; the newest that comes with the code if none.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Link a file of person records and say how right the result is.

    Needs no database, and takes any table of that shape: other languages, no identifiers, empty columns, one source or
    ten. Use --train for records that are unlike those the committed model was trained on: it then knows their names, and
    joins more readily than a model that is kept for records to come.

    Example: akrim link evaluate --records records.parquet --truth truth.parquet --train
    """
    from akrim.linkage.runs import evaluate as evaluate_linkage

    _log_progress()
    figures = asdict(evaluate_linkage(records, truth, retrain=train, model_name=model or None))
    if as_json:
        print_json(figures)
        return
    table = bare_table("measure", "value")
    for name, value in figures.items():
        table.add_row(name.replace("_", " "), _figure(value))
    Screen().table(table)


@app.command()
def train(
    day: Annotated[
        date, typer.Option(parser=parse_day, help="The date in the model's name, such as 2026-11-24.")
    ],
    records: Annotated[
        Path | None,
        typer.Option(help="Parquet of person records; default: the warehouse's intermediate.person_records."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the model; default: models/ under the home.")
    ] = None,
) -> None:
    """Train a new linkage model. It links nothing until AKRIM_LINKAGE_MODEL names it; a release pins its model.

    Estimates how much each kind of agreement says, from pairs that a valid person number labels and from random
    pairs, with a fixed seed. Writes a dated JSON and the name frequencies beside it; never overwrites.

    Example: akrim link train --day 2026-11-24 --records records.parquet
    """
    from akrim.linkage.runs import train_model

    if records is None:
        require_records("akrim link train")
    model = train_model(records, day, out)
    print(f"Trained {model.name} on {model.training['records']:,} records.")
    print(
        f"It links nothing yet: read `akrim link card {model.name}`, then set AKRIM_LINKAGE_MODEL={model.name};"
        " the next release relinks every record with it."
    )


@app.command()
def models() -> None:
    """List the models at hand; the one that the next release links with is marked.

    Example: akrim link models
    """
    from akrim.linkage.model import chosen_model, list_models

    for name, folder in list_models():
        print(f"{'*' if name == chosen_model() else ' '} {name}  {folder}")


@app.command()
def card(model: Annotated[str, typer.Argument(help="The model; the one that links if none.")] = "") -> None:
    """Print a model's card: what it is for, what it was trained on, how right it is and for whom, what weighs how much.

    Example: akrim link card > docs/model-card.md
    """
    from akrim.linkage.model import model_card

    print(model_card(model or None), end="")


@app.command()
def verify(as_json: JsonOption = False) -> None:
    """Hold the last linkage against a full relink from the same standing persons; none may differ.

    Example: akrim link verify
    """
    from akrim.linkage.runs import check_in_full

    checked = check_in_full()
    if as_json:
        print_json(asdict(checked))
    else:
        print(
            f"{checked.release_id}: {checked.differing_records} of {checked.records:,} records differ,"
            f" and {checked.differing_findings} pairs."
        )
    raise typer.Exit(0 if checked.is_equal else 1)


def _log_progress() -> None:
    """Send the linkage's log to standard error, so that long runs show progress and --json output stays clean."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(message)s"))
    progress = logging.getLogger("akrim.linkage")
    progress.setLevel(logging.INFO)
    progress.handlers = [handler]


def _figure(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{stage} {taken}" for stage, taken in value.items())
    return f"{value:,}" if isinstance(value, int) else str(value)
