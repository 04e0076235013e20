"""What `akrim explain` prints: a person's records, the steps that joined them, near misses, indicators and outcomes."""

from typing import Any

from rich.table import Table
from rich.text import Text

from akrim.commands.output import Screen
from akrim.linkage import linkage_words

Row = dict[str, Any]
# One block for so many bits of match weight.
BITS_PER_BLOCK = 1.0
LONGEST_BAR = 24


def show(told: Row, language: str) -> None:
    """Print everything that is told of a person, in Norwegian (nb) or English (en)."""
    console = Screen()
    says = {name: words[language] for name, words in linkage_words()["headings"].items()}
    console.print(Text(f"{told['person_id']}  ({told['release_id']})", style="bold"))
    if told["asked_for"] != told["person_id"]:
        console.print(Text(f"{told['asked_for']} {says['moved']} {told['person_id']}", style="yellow"))
    console.print(
        _records_table(told["records"], says) if told["records"] else Text(says["gone"], style="yellow")
    )
    _show_steps(console, told, says)
    for row in told["assessments"]:
        console.print(_assessment_line(row))
    _show_observations(console, told["observations"], language, says)
    for row in told["speaks_for_person"]:
        case = f"{row['case_number']} ({row['offence_category_code']}): {row['outcome_code']} {row['outcome_date'] or ''}"
        console.print(Text("Speaks for the person: " + case, style="green"))


def _show_steps(console: Screen, told: Row, says: dict[str, str]) -> None:
    console.print()
    console.print(Text(says["steps"], style="bold"))
    if not told["steps"]:
        console.print(Text(says["alone"], style="dim"))
    for number, step in enumerate(told["steps"], start=1):
        console.print(Text(f"{number}. {step['words']}: ").append(" + ".join(step["records"]), style="bold"))
        if step["weighings"]:
            console.print(_waterfall(step, says))
    if told["near_misses"]:
        console.print(Text("\n" + says["near_misses"], style="bold"))
    for step in told["near_misses"]:
        who = f"{' / '.join(step['records'])} ({step['other_person_id']})"
        console.print(Text(f"– {step['words']}: ").append(who, style="bold"))
        console.print(_waterfall(step, says))
    if told["history"]:
        console.print(Text("\n" + says["history"], style="bold"))
    for row in told["history"]:
        console.print(f"  {row['release_id']}: {row['old_person_id']} {row['words']} {row['person_id']}")
    console.print()


def _waterfall(step: Row, says: dict[str, str]) -> Table:
    """What each comparison adds to the match weight or takes from it, in bits, with a bar."""
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 1))
    table.add_column(overflow="fold")
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    for weighing in step["weighings"]:
        weight = weighing["weight"]
        said = weighing["comparison"] + (f": {weighing['level']}" if weighing["level"] else "")
        table.add_row(Text(f"  {said}"), Text(f"{weight:+.1f}"), _bar(weight))
    if step["match_weight"] is not None:
        table.add_row(
            Text(f"  {says['sum']}", style="bold"), Text(f"{step['match_weight']:+.1f}", style="bold"), ""
        )
    return table


def _bar(weight: float) -> Text:
    blocks = min(round(abs(weight) / BITS_PER_BLOCK), LONGEST_BAR)
    return Text("█" * blocks, style="green" if weight > 0 else "red")


def _records_table(records: list[Row], says: dict[str, str]) -> Table:
    table = Table(
        title=says["records"], title_justify="left", title_style="bold", box=None, header_style="dim"
    )
    table.add_column("record", no_wrap=True)
    table.add_column("name", overflow="fold")
    for name in ("born", "linked by", "weight"):
        table.add_column(
            name, no_wrap=True, justify="right" if name == "weight" else "left", min_width=len(name)
        )
    for row in records:
        record = f"{row['source']}/{row['source_record_id']}"
        name = row["name"] if row["stands"] else "(no longer delivered)"
        weight = "" if row["match_weight"] is None else f"{row['match_weight']:.1f}"
        table.add_row(*map(Text, (record, name, row["birth_date"] or "", row["link_kind"], weight)))
    return table


def _assessment_line(row: Row) -> Text:
    decided = (
        f", decided: {row['status']} since {row['status_since']}" if row["status"] else ", not decided on"
    )
    return Text(
        f"{row['centre_id']}: no. {row['rank']}, {row['total_points']} points"
        f" ({row['intention_points']} intention, {row['capacity_points']} capacity),"
        f" proposed: {row['proposed_status'] or 'none'}{decided}"
    )


def _show_observations(console: Screen, observations: list[Row], language: str, says: dict[str, str]) -> None:
    if any(row["checked"] == "fired" for row in observations):
        console.print(Text(says["indicators"], style="bold"))
    for row in observations:
        if row["checked"] == "fired":
            head = f"{row['points']:>4}  {row['indicator_code']} v{row['indicator_version']}"
            console.print(Text(head, style="bold"), Text(row[f"explanation_{language}"]))
            for item in row["evidence"]:
                line = (
                    f"      {item['agency']} {item['extract']} {item['source_row_id']}  {item['date'] or ''}"
                )
                console.print(Text(line, style="dim"))
    missing = [row["indicator_code"] for row in observations if row["checked"] == "unavailable"]
    if missing:
        console.print("Could not be checked: " + ", ".join(missing), style="yellow")
