"""`akrim link`: the clerical and technical side of person linkage."""

import csv
import json
from dataclasses import asdict
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from akrim.commands.link_quality import quality

app = typer.Typer(
    no_args_is_help=True,
    help="Person linkage: measure it, train it, look at doubtful links and decide on them.",
)


app.command()(quality)


class Verdict(StrEnum):
    """What a clerk can say of two records."""

    same = "same"
    different = "different"
    unsure = "unsure"


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
        table.add_row(name.replace("_", " "), _figure(value))
    Console().print(table)


@app.command()
def train(
    day: Annotated[str, typer.Option(help="The date in the model's name, such as 2026-11-24.")],
    records: Annotated[
        Path | None,
        typer.Option(help="Parquet of person records; default: the warehouse's intermediate.person_records."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the model; default: the repository's.")] = None,
) -> None:
    """Train a new linkage model. Rare: a release pins its model, and a new one starts a full relink.

    Estimates how much each kind of agreement says, from pairs that a valid person number labels and from random
    pairs, with a fixed seed. Writes a dated JSON and the name frequencies beside it; never overwrites.

    Example: akrim link train --day 2026-11-24 --records records.parquet
    """
    from akrim.linkage import train_model

    model = train_model(records, date.fromisoformat(day), out)
    print(f"Trained {model.name} on {model.training['records']:,} records.")


@app.command()
def review(
    limit: Annotated[int, typer.Option(min=1, help="How many pairs to show.")] = 20,
    csv_file: Annotated[
        Path | None, typer.Option("--csv", help="Write the pairs to this file instead.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show the pairs of records that a clerk should look at, the most important first.

    Contradictions come first (a verdict and the person numbers exclude each other), then pairs near the threshold,
    joined or not, then pairs that look alike and were held apart. Pairs with a verdict are left out.

    Example: akrim link review --limit 10
    """
    from akrim.linkage import review_queue

    pairs = review_queue(limit)
    if as_json:
        print(json.dumps(pairs, default=str))
    elif csv_file:
        _write_csv(csv_file, pairs)
        print(f"{len(pairs)} pairs written to {csv_file}.")
    else:
        table = Table("one", "other", "weight", "why it is here")
        for pair in pairs:
            weight = "" if pair["match_weight"] is None else f"{pair['match_weight']:.1f}"
            table.add_row(*(_record_cell(pair, side) for side in "lr"), weight, pair["cause"])
        Console().print(table)


@app.command()
def decide(
    one: Annotated[str, typer.Argument(help="A record, as source/id.")],
    other: Annotated[str, typer.Argument(help="The record to hold it against.")],
    verdict: Annotated[Verdict, typer.Argument(help="same, different or unsure.")],
    reason: Annotated[str, typer.Option(help="Why, in a sentence; kept for ever.")],
    author: Annotated[str, typer.Option(help="Who decided.")],
) -> None:
    """Say whether two records are one person. Honoured in every later run; never changed, only decided anew.

    Example: akrim link decide nav/3000101 skatteetaten/10002764 same --reason "Confirmed by phone" --author kari
    """
    from akrim.linkage import RecordKey
    from akrim.linkage import decide as decide_link

    number = decide_link(RecordKey.parse(one), RecordKey.parse(other), verdict.value, reason, author)
    print(f"Decision {number} recorded; the next assessment uses it.")


def _figure(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{stage} {taken}" for stage, taken in value.items())
    return f"{value:,}" if isinstance(value, int) else str(value)


def _record_cell(pair: dict[str, Any], side: str) -> str:
    return f"{pair[f'source_{side}']}/{pair[f'source_record_id_{side}']}\n{pair[f'says_{side}']}"


def _write_csv(path: Path, pairs: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.DictWriter(handle, fieldnames=list(pairs[0]) if pairs else ["source_l"], delimiter=";")
        writer.writeheader()
        writer.writerows(pairs)
