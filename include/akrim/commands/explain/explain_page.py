"""The output of `akrim explain`: records, steps, near misses, indicators and outcomes."""

from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from akrim.commands.output import Screen
from akrim.texts import Language, texts

if TYPE_CHECKING:
    from akrim.report import Words

Row = dict[str, Any]
# Bits of match weight per block of a bar.
BITS_PER_BLOCK = 1.0
MAX_BAR_BLOCKS = 24


def show(explanation: Row, language: Language) -> None:
    """Print an explanation in that language."""
    from akrim.report import Words

    console, said = Screen(), texts(language, "linkage")
    words, report = said["headings"], Words(language)
    console.print(Text(f"{explanation['person_id']}  ({explanation['release_id']})", style="bold"))
    if explanation["asked_for"] != explanation["person_id"]:
        console.print(
            Text(f"{explanation['asked_for']} {words['moved']} {explanation['person_id']}", style="yellow")
        )
    is_of_release = explanation["linked_last"] == explanation["release_id"]
    if not is_of_release:
        told = words["linked_last"].format(release=explanation["linked_last"])
        console.print(Text(told, style="yellow"))
    if explanation["records"]:
        console.table(_records_table(explanation["records"], words, said["kinds"], report))
    else:
        console.print(Text(words["gone" if is_of_release else "not_linked"], style="yellow"))
    _show_steps(console, explanation, words)
    for row in explanation["assessments"]:
        console.print(_assessment_line(row, words, report))
    _show_observations(console, explanation["observations"], words, report)
    for row in explanation["speaks_for_person"]:
        told = words["speaks_for"].format(case=_case(row, report))
        console.print(Text(told, style="green"))


def _case(row: Row, report: "Words") -> str:
    """A case in a line: its number, what it is about, and how it ended."""
    about = report.label("offence_category", row["offence_category_code"]).lower()
    ended = report.label("outcome", row["outcome_code"])
    return f"{row['case_number']} ({about}): {ended} {report.iso_day(row['outcome_date'])}".rstrip()


def _show_steps(console: Screen, explanation: Row, words: dict[str, str]) -> None:
    console.print()
    console.print(Text(words["steps"], style="bold"))
    if explanation["records"] and not explanation["steps"]:
        console.print(Text(words["alone"], style="dim"))
    for number, step in enumerate(explanation["steps"], start=1):
        console.print(Text(f"{number}. {step['words']}: ").append(" + ".join(step["records"]), style="bold"))
        if step["weighings"]:
            console.print(_waterfall(step, words))
    if explanation["near_misses"]:
        console.print(Text("\n" + words["near_misses"], style="bold"))
    for step in explanation["near_misses"]:
        who = f"{' / '.join(step['records'])} ({step['other_person_id']})"
        console.print(Text(f"– {step['words']}: ").append(who, style="bold"))
        console.print(_waterfall(step, words))
    if explanation["history"]:
        console.print(Text("\n" + words["history"], style="bold"))
    for row in explanation["history"]:
        console.print(f"  {row['release_id']}: {row['old_person_id']} {row['words']} {row['person_id']}")
    console.print()


def _waterfall(step: Row, words: dict[str, str]) -> Table:
    """What each comparison adds to or subtracts from the match weight, in bits, with a bar."""
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 1))
    table.add_column(overflow="fold")
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    for weighing in step["weighings"]:
        weight = weighing["weight"]
        text = weighing["comparison"] + (f": {weighing['level']}" if weighing["level"] else "")
        table.add_row(Text(f"  {text}"), Text(f"{weight:+.1f}"), _bar(weight))
    if step["match_weight"] is not None:
        table.add_row(
            Text(f"  {words['sum']}", style="bold"), Text(f"{step['match_weight']:+.1f}", style="bold"), ""
        )
    return table


def _bar(weight: float) -> Text:
    blocks = min(round(abs(weight) / BITS_PER_BLOCK), MAX_BAR_BLOCKS)
    return Text("█" * blocks, style="green" if weight > 0 else "red")


def _records_table(
    records: list[Row], words: dict[str, str], kinds: dict[str, str], report: "Words"
) -> Table:
    table = Table(
        title=words["records"], title_justify="left", title_style="bold", box=None, header_style="dim"
    )
    table.add_column(words["record"], no_wrap=True)
    table.add_column(words["name"], overflow="fold")
    table.add_column(words["born"], no_wrap=True)
    table.add_column(words["linked_by"], overflow="fold")
    table.add_column(words["weight"], no_wrap=True, justify="right")
    for row in records:
        record = f"{row['source']}/{row['source_record_id']}"
        name = row["name"] if row["stands"] else words["not_delivered"]
        weight = "" if row["match_weight"] is None else f"{row['match_weight']:.1f}"
        born, linked_by = report.iso_day(row["birth_date"]), kinds[row["link_kind"]]
        table.add_row(*map(Text, (record, name, born, linked_by, weight)))
    return table


def _assessment_line(row: Row, words: dict[str, str], report: "Words") -> Text:
    """Where a centre's list has the person, what the rules propose and what the centre has decided."""
    decided = words["not_decided"]
    if row["status"]:
        status, since = report.label("status", row["status"]).lower(), report.iso_day(row["status_since"])
        decided = words["decided"].format(status=status, since=since)
    return Text(
        words["assessed"].format(
            centre=report.label("centre", row["centre_id"]),
            rank=row["rank"] or "–",
            total=row["total_points"],
            intention=row["intention_points"],
            capacity=row["capacity_points"],
            proposed=report.label("status", row["proposed_status"]).lower() or words["none_proposed"],
            decided=decided,
        )
    )


def _show_observations(
    console: Screen, observations: list[Row], words: dict[str, str], report: "Words"
) -> None:
    from akrim.report import found

    if any(row["checked"] == "fired" for row in observations):
        console.print(Text(words["indicators"], style="bold"))
    for row in observations:
        if row["checked"] == "fired":
            head = f"{row['points']:>4}  {row['indicator_code']} v{row['indicator_version']}"
            console.print(Text(head, style="bold"), Text(found(row, report)))
            for item in row["evidence"]:
                line = (
                    f"      {item['agency']} {item['extract']} {item['source_row_id']}  {item['date'] or ''}"
                )
                console.print(Text(line, style="dim"))
    missing = [row["indicator_code"] for row in observations if row["checked"] == "unavailable"]
    if missing:
        console.print(words["not_checked"].format(rules=", ".join(missing)), style="yellow")
