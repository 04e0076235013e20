"""`akrim link review` and `akrim link decide`: pairs for clerks to review, and their verdicts, by command or file."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.table import Table
from rich.text import Text

from akrim.commands.audit.consulting import PurposeOption
from akrim.commands.options import require_at_most_one
from akrim.commands.output import JsonOption, Screen, bare_table, print_json, visible_within
from akrim.errors import UserError
from akrim.settings import get_settings
from akrim.texts import texts

Pairs = list[dict[str, Any]]


def review(
    limit: Annotated[int, typer.Option(min=1, max=1_000_000_000, help="How many pairs to show.")] = 20,
    sample: Annotated[
        int,
        typer.Option(
            min=0,
            max=1_000_000_000,
            help="Draw so many records by chance instead, and show what to read of them.",
        ),
    ] = 0,
    seed: Annotated[str, typer.Option(help="With --sample: the same seed draws the same records.")] = "1",
    second: Annotated[
        bool, typer.Option("--second", help="Pairs to read a second time, without what was said of them.")
    ] = False,
    author: Annotated[str, typer.Option(help="Who reads; with --second not whoever decided first.")] = "",
    show_agreement: Annotated[
        bool, typer.Option("--agreement", help="How far first and second readings agree, with κ.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", "--csv", help="Write the pairs to this .xlsx or .csv, to fill in and return."),
    ] = None,
    unmask: Annotated[
        bool,
        typer.Option("--unmask", help="Show person numbers and telephones; needs --purpose, and is logged."),
    ] = False,
    purpose: PurposeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show the pairs of records that a clerk should look at, the most important first.

    Conflicts come first: a verdict and the person numbers exclude each other, the evidence has changed since, two readers
    disagree, a record is parked because it fits two persons who cannot be one. Then pairs of whom one stands high on a
    centre's list, then what lies near the threshold or was held apart. With --sample, records drawn by chance: what clerks
    say of them estimates precision and recall.

    Example: akrim link review --sample 50 --seed 7 --out sample.xlsx
    """
    from akrim.linkage.quality import agreement
    from akrim.linkage.review import review_queue

    command = "akrim link review"
    require_at_most_one(
        command,
        "things to do",
        [sample, second, show_agreement],
        "Give one of --sample, --second, --agreement.",
    )
    require_at_most_one(command, "forms", [out, as_json], "Give --out or --json.")
    if show_agreement and out:
        raise UserError(
            "That is no list of pairs to write.", "--agreement, --out", "Give --json, or neither."
        )
    require_records(command)
    _check_out(out)
    if unmask:
        _require_purpose(purpose)
    if show_agreement:
        _show_agreement(asdict(agreement()), as_json)
        return
    if sample:
        pairs, marks, title = _sampled(sample, seed, unmask=unmask)
    elif second:
        pairs, marks, title = _to_read_again(author, limit, unmask=unmask)
    else:
        pairs, marks, title = review_queue(limit, unmask=unmask), {}, "Pairs to look at"
    _log(pairs, author, purpose, unmask=unmask)
    _output(pairs, marks, title, out, as_json)


def _sampled(size: int, seed: str, *, unmask: bool) -> tuple[Pairs, dict[str, Any], str]:
    """The pairs of a sample that are still to read, what marks their verdicts as its, and their title."""
    from akrim.linkage.quality import draw_sample

    drawn = draw_sample(size, seed, unmask=unmask)
    title = (
        f"Sample {drawn.sample_id} of {drawn.release_id}: {drawn.anchors} records drawn, {len(drawn.unread)} of"
        f" {drawn.pairs} pairs still to read"
    )
    return drawn.unread, {"sample": drawn.sample_id}, title


def _to_read_again(author: str, limit: int, *, unmask: bool) -> tuple[Pairs, dict[str, Any], str]:
    """The pairs that this reader is to read blind, what marks the verdicts as second ones, and their title."""
    from akrim.linkage.quality import pairs_to_read_again

    if not author:
        raise UserError("Who reads?", "--author", "Name the second reader: --second --author kari")
    pairs = pairs_to_read_again(author, limit, unmask=unmask)
    return pairs, {"reading": "second", "author": author}, "Pairs to read a second time"


def _check_out(out: Path | None) -> None:
    """Raise UserError where the file cannot be written, before anything is drawn or logged.

    One that is there stays: what a clerk has filled in is nowhere else until it is decided.
    """
    if out is None:
        return
    if out.suffix.lower() not in (".xlsx", ".csv"):
        raise UserError("A review file is .xlsx or .csv.", str(out), "Give it one of these endings.")
    if not out.absolute().parent.is_dir():
        raise UserError("No file can be written there.", str(out), "Name a file in a folder that is there.")
    if out.exists():
        raise UserError(
            "That file is there already, and may hold verdicts.",
            str(out),
            f"Name another; or first `akrim link decide --file {out}`, and remove it.",
        )


def _require_purpose(purpose: str) -> None:
    from akrim import audit, warehouse

    with warehouse.connect() as connection:
        if not audit.is_purpose(connection, purpose):
            raise UserError(
                "Numbers are shown for a stated purpose alone: 10 to 500 visible characters and two words at least.",
                "--unmask",
                'Say why: --unmask --purpose "K-2026-001: …"',
            )


def _log(pairs: Pairs, author: str, purpose: str, *, unmask: bool) -> None:
    from akrim import audit

    shown: dict[str, Any] = {"unmasked": True} if unmask else {}
    records = {(pair[f"source_{side}"], pair[f"source_record_id_{side}"]) for pair in pairs for side in "lr"}
    audit.log_consultation("link review", author, purpose, records=records, pairs=len(pairs), **shown)


def require_records(command: str) -> None:
    """Raise UserError where the warehouse has no person records yet."""
    from akrim import warehouse

    warehouse.prepare()
    with warehouse.connect() as connection:
        is_there = warehouse.has_table(connection, "intermediate.person_records")
    if not is_there:
        raise UserError(
            "No person records are here yet.", command, "`akrim run` brings them in and links them."
        )


def _output(pairs: Pairs, marks: dict[str, Any], title: str, out: Path | None, as_json: bool) -> None:
    if as_json:
        print_json(pairs)
        return
    pairs = _in_words(pairs)
    if out:
        from akrim.commands.link.review_file import write_review_file

        write_review_file(out, pairs, marks)
        Screen(soft_wrap=True).print(
            f"{title}: {len(pairs)} written to {out}. Fill in verdict and reason, then: akrim link decide --file {out}"
        )
    elif pairs:
        Screen().table(_pairs_table(visible_within(pairs), title))
    else:
        print("Nothing waits to be looked at.")


def _in_words(pairs: Pairs) -> Pairs:
    """The causes' codes replaced by their texts."""
    causes = texts(get_settings().language, "linkage")["queue"]
    return [pair | {"cause": causes[pair["cause"]]} if "cause" in pair else pair for pair in pairs]


def _pairs_table(pairs: Pairs, title: str) -> Table:
    table = bare_table(title=title, title_justify="left", padding=(0, 1, 1, 0))
    table.add_column("one", overflow="fold")
    table.add_column("other", overflow="fold")
    if "cause" in pairs[0]:
        table.add_column("weight", justify="right", no_wrap=True)
        table.add_column("cause", overflow="fold")
    for pair in pairs:
        cells = [_record_cell(pair, side) for side in "lr"]
        if "cause" in pair:
            weight = "" if pair["match_weight"] is None else f"{pair['match_weight']:.1f}"
            rank = f"; no. {pair['best_rank']} on a list" if pair["best_rank"] else ""
            cells += [Text(weight), Text(f"{pair['cause']}{rank}")]
        table.add_row(*cells)
    return table


def _record_cell(pair: dict[str, Any], side: str) -> Text:
    key = f"{pair[f'source_{side}']}/{pair[f'source_record_id_{side}']}"
    return Text.assemble((key, "bold"), "\n", pair[f"says_{side}"] or "(no longer delivered)")


def _show_agreement(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(found)
    elif not found["pairs"]:
        print("No pair has been read twice yet: akrim link review --second --author YOU")
    else:
        value, low, high, _ = found["agreed"]
        kappa = "not defined, all verdicts being equal" if found["kappa"] is None else f"{found['kappa']:.2f}"
        print(
            f"{found['pairs']} pairs read twice; agreed on {value:.0%} ({low:.0%} to {high:.0%}); κ {kappa}"
        )
        for reading, count in found["readings"].items():
            print(f"  {count:>5}  {reading}")


def decide(
    one: Annotated[str, typer.Argument(help="A record, as source/id.")] = "",
    other: Annotated[str, typer.Argument(help="The record to hold it against.")] = "",
    verdict: Annotated[
        Literal["same", "different", "unsure"] | None, typer.Argument(help="same, different or unsure.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why, in a sentence.")] = "",
    author: Annotated[str, typer.Option(help="Who decided.")] = "",
    second: Annotated[
        bool,
        typer.Option(
            "--second", help="A blind second reading: held against the first verdict, moves nothing."
        ),
    ] = False,
    file: Annotated[
        Path | None,
        typer.Option("--file", help="A filled-in file of `akrim link review --out`; all of it or nothing."),
    ] = None,
) -> None:
    """Say whether two records are one person. Honoured in every later run; never changed, only decided anew.

    Example: akrim link decide nav/3000101 skatteetaten/10002764 same --reason "Confirmed by phone" --author kari
    """
    from akrim.linkage.review import RecordKey
    from akrim.linkage.review import decide as record_decision

    if file:
        if one or reason or second:
            raise UserError(
                "A file says itself which records, why, and in which reading.",
                str(file),
                "Give no more than --author beside --file.",
            )
        _decide_by_file(file, author)
        return
    if not (one and other and verdict and reason and author):
        raise UserError(
            "A decision names two records, a verdict, --reason and --author.",
            "akrim link decide",
            "See: akrim link decide --help",
        )
    left, right = (RecordKey.parse(text) for text in (one, other))
    number = record_decision(left, right, verdict, reason, author, "second" if second else "first")
    print(
        f"Decision {number} recorded; {'it is held against the first' if second else 'the next assessment uses it'}."
    )


def _decide_by_file(file: Path, author: str) -> None:
    from akrim.commands.link.review_file import read_review_file
    from akrim.linkage.review import record_decisions

    decisions = read_review_file(file, author)
    if not decisions:
        raise UserError(
            "No verdict is filled in.", str(file), "Write same, different or unsure in the column verdict."
        )
    recorded = record_decisions(decisions)
    print(
        f"{recorded} decisions recorded, {len(decisions) - recorded} stood already; the next assessment uses them."
    )
