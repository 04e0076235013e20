"""`akrim link`: the clerical and technical side of person linkage."""

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

app = typer.Typer(
    no_args_is_help=True,
    help="Person linkage: measure it, train it, look at doubtful links and decide on them.",
)

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")]


@app.command()
def evaluate(
    records: Annotated[
        Path, typer.Option(help="Parquet of person records: the columns of intermediate.person_records.")
    ],
    truth: Annotated[Path, typer.Option(help="Parquet with source, source_record_id, true_person_id.")],
    train: Annotated[
        bool, typer.Option("--train", help="Train on these very records instead of using the newest model.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Link a file of person records and say how right the result is.

    Needs no database, and takes any table of that shape: other languages, no identifiers, empty columns, one source or
    ten. Use --train for records that are unlike those the committed model was trained on.

    Example: akrim link evaluate --records records.parquet --truth truth.parquet --train
    """
    from akrim.linkage import evaluate as evaluate_linkage

    figures = asdict(evaluate_linkage(records, truth, retrain=train))
    if as_json:
        print(json.dumps(figures))
        return
    table = Table("measure", "value", title="Person linkage held against the truth")
    for name, value in figures.items():
        if name == "seconds":
            value = ", ".join(f"{stage} {taken}" for stage, taken in value.items())
        table.add_row(name.replace("_", " "), f"{value:,}" if isinstance(value, int) else str(value))
    Console().print(table)


@app.command()
def train(
    records: Annotated[
        Path | None,
        typer.Option(help="Parquet of person records; default: the warehouse's intermediate.person_records."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the model; default: the repository's.")] = None,
    day: Annotated[str | None, typer.Option(help="The date in the model's name; default: today.")] = None,
) -> None:
    """Train a new linkage model. Rare: a release pins its model, and a new one starts a full relink.

    Estimates how much each kind of agreement says, from pairs that a valid person number labels and from random
    pairs, with a fixed seed. Writes a dated JSON and the name frequencies beside it; never overwrites.

    Example: akrim link train --records records.parquet
    """
    from akrim.linkage import train_model

    model = train_model(records, date.fromisoformat(day) if day else date.today(), out)
    print(f"Trained {model.name} on {model.training['records']:,} records.")
