"""What a centre is told of the decision forms that it has sent: how many decisions were read, and what was not, and why."""

from collections.abc import Iterator, Sequence
from typing import Any

from akrim.contracts import INFORMED, decisions_contract
from akrim.deliveries.decisions import NO_DECISION, FormCell, cell_message_in
from akrim.report.blocks import Block, Heading, Listing, Paragraph
from akrim.report.wording import Words
from akrim.texts import texts

MAX_ROWS = 20  # more than that is another kind of trouble, and the first rows show it


def answer_blocks(answer: dict[str, Any] | None, words: Words) -> Sequence[Block]:
    """The answer under a heading of its own; a sentence where nothing came, and nothing where nothing could have come."""
    if answer is None:
        return ()
    if not answer:
        return (Paragraph(words("answer_none_came"), "note"),)
    parts = (*_forms(answer["refused"], words), *_decisions(answer, words))
    return (Heading(words("answer")), *parts) if parts else ()


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


def _decisions(answer: dict[str, Any], words: Words) -> Iterator[Block]:
    """How many decisions were read, and each row that was not, by its cells."""
    rows = [[FormCell(row=None, **cell) for cell in cells] for cells in answer["rows"]]
    # Such a row decides nothing, and so is no decision that was not read; nor is a number of people who were informed.
    missed = sum(row[0].code != NO_DECISION and row[0].extract != INFORMED for row in rows)
    # Of a form that was refused the good rows are counted nowhere, so its bad ones are no share of anything either.
    missed -= answer.get("in_refused", 0)
    if missed:
        yield Paragraph(
            words(
                "answer_some", read=words.number(answer["read"]), sent=words.number(answer["read"] + missed)
            )
        )
    elif answer["read"]:
        yield Paragraph(words.counted("answer_all", answer["read"]))
    if rows:
        yield Listing([_row(row, words) for row in rows[:MAX_ROWS]])
        if len(rows) > MAX_ROWS:
            yield Paragraph(words.counted("answer_left_out", len(rows) - MAX_ROWS), "note")
        is_of_informed = any(row[0].extract == INFORMED for row in rows)
        do = [words("answer_do"), words("answer_do_informed") if is_of_informed else ""]
        yield Paragraph(" ".join(filter(None, do)), "note")


def _row(cells: Sequence[FormCell], words: Words) -> str:
    contract = decisions_contract()
    return " ".join(cell_message_in(words.language, contract.extract(cell.extract), cell) for cell in cells)
