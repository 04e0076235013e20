"""What a centre is told of the decision forms that it has sent: how many decisions were read, and what was not, and why."""

from collections.abc import Iterator, Sequence
from typing import Any

from akrim.contracts import INFORMED
from akrim.deliveries.decisions import NO_DECISION, FormCell, row_messages
from akrim.report.blocks import Block, Content, Heading, Listing, Paragraph
from akrim.report.wording import Words
from akrim.texts import texts

MAX_ROWS = 20  # more than that is another kind of trouble, and the first rows show it


def answer_points(answer: dict[str, Any] | None, words: Words) -> list[str]:
    """What became of what the centre sent, a sentence each: nothing came, how many decisions were read, which forms were refused.

    Nothing where nothing could have come, or all that came was a system's, which has receipts of its own.
    """
    if answer is None:
        return []
    if not answer:
        return [words("answer_none_came")]
    points = []
    missed = _missed(answer)
    if missed:
        sent = words.number(answer["read"] + missed)
        points.append(words("answer_some", missed=words.number(missed), sent=sent))
    elif answer["read"]:
        points.append(words.counted("answer_all", answer["read"]))
    refused = sum(form["forms"] for form in answer["refused"])
    if refused:
        points.append(words.counted("answer_form", refused))
    return points


def answer_blocks(
    answer: dict[str, Any] | None, words: Words, read: Sequence[Content] = ()
) -> Sequence[Block]:
    """What was not read and why, and what to do, under a heading of its own; nothing where all was read.

    Args:
        read: on whom there are decisions that were read, and what was decided: the others are those to fill in again.
    """
    if not answer:
        return ()
    parts = (*_forms(answer["refused"], words), *_unread(answer, words))
    if not parts:
        return ()
    told = [Paragraph(words("answer_read")), Listing(read)] if read else []
    return Heading(words("answer")), *parts, *told


def _forms(refused: Sequence[dict[str, Any]], words: Words) -> Iterator[Block]:
    """The forms that were refused as a whole."""
    why: dict[str, str] = texts(words.language, "messages")["forms"]
    told = [
        " ".join(
            filter(
                None,
                [
                    words.counted("answer_form", form["forms"]),
                    words("answer_for", release_id=form["release_id"]) if form["release_id"] else "",
                    why.get(form["code"], why["other"]),
                    words("answer_replaced") if form["is_replaced"] else "",
                ],
            )
        )
        for form in refused
    ]
    if told:
        yield Listing(told)


def _missed(answer: dict[str, Any]) -> int:
    """How many decisions were not read."""
    # A row that decides nothing is no decision that was not read; nor is a number of people who were informed.
    first = [row[0] for row in answer["rows"]]
    missed: int = sum(cell["code"] != NO_DECISION and cell["extract"] != INFORMED for cell in first)
    # Of a form that was refused the good rows are counted nowhere, so its bad ones are no share of anything either.
    return missed - int(answer.get("in_refused", 0))


def _unread(answer: dict[str, Any], words: Words) -> Iterator[Block]:
    """Each row that was not read, by its cells."""
    rows = answer["rows"]
    if not rows:
        return
    yield Listing([_row(row, words) for row in rows[:MAX_ROWS]])
    if len(rows) > MAX_ROWS:
        yield Paragraph(words.counted("answer_left_out", len(rows) - MAX_ROWS), "note")
    is_of_informed = any(row[0]["extract"] == INFORMED for row in rows)
    do = [words("answer_do"), words("answer_do_informed") if is_of_informed else ""]
    yield Paragraph(" ".join(filter(None, do)), "note")


def _row(cells: Sequence[dict[str, Any]], words: Words) -> str:
    """What is wrong with the row, after the release whose form it is of."""
    release_id = cells[0].get("release_id")
    of_form = f"{words('answer_row', release_id=release_id)} " if release_id else ""
    told = [
        FormCell(row=None, **{name: cell[name] for name in FormCell._fields if name != "row"})
        for cell in cells
    ]
    return of_form + " ".join(row_messages(words.language, told))
