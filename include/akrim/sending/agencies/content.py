"""A receipt's files: JSON for programs, text for people, and, where they may go out sealed, the rows that were set aside.

The same delivery gives the same bytes: nothing in them is of the time or the place of sending.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import minisign
import psycopg

from akrim import warehouse
from akrim.characters import visible
from akrim.deliveries.inbox import UNDECLARED
from akrim.sending.agencies.due import Answered
from akrim.sending.agencies.nominations import FILE, write_answers
from akrim.settings import get_settings
from akrim.texts import said_in, texts
from akrim.trust import signing

RECEIPT, TEXT, ROWS = "receipt.json", "receipt.txt", "rows.jsonl"
VERSION = "1.1"
REASONS = """
select extract, reason as code, expectation, count(*) as rows from quarantine.rows
where (delivery_id, manifest_sha256) = (%s, %s) group by 1, 2, 3 order by 1, 2, 3
"""
# As CSV whose quote and delimiter JSON never holds unescaped, so that each line is the JSON itself.
ROWS_OUT = """
copy (
    select jsonb_build_object(
        'extract', extract, 'row_number', row_number, 'code', reason, 'expectation', expectation, 'row', raw)
    from quarantine.rows where (delivery_id, manifest_sha256) = (%s, %s) order by extract, row_number
) to stdout with (format csv, quote E'\\x01', delimiter E'\\x02')
"""


def write_receipt(
    folder: Path, delivery: Answered, key: minisign.SecretKey, *, with_rows: bool
) -> dict[str, Any]:
    """Write the receipt's files and its signature into the folder; returns what receipt.json says.

    Args:
        with_rows: personal data may be written, since the files leave sealed.
    """
    with warehouse.connect() as connection:
        rows = _write_rows(connection, delivery, folder / ROWS) if with_rows else None
        answers = delivery.nominations if with_rows else None
        nominations = None if answers is None else write_answers(answers, folder / FILE)
        content = _content(connection, delivery, rows, nominations, with_names=with_rows)
    (folder / TEXT).write_text(_text(content), encoding="utf-8")
    path = folder / RECEIPT
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    signing.sign(path, key, f"receipt {delivery.name} for {delivery.agency}")
    return content


def _content(
    connection: psycopg.Connection,
    delivery: Answered,
    rows: dict[str, Any] | None,
    nominations: dict[str, Any] | None,
    *,
    with_names: bool,
) -> dict[str, Any]:
    reasons = warehouse.read_rows(connection, REASONS, [delivery.delivery_id, delivery.manifest_sha256])
    extracts = [
        extract
        | {
            "quarantined": [
                {name: reason[name] for name in ("code", "expectation", "rows")}
                for reason in reasons
                if reason["extract"] == extract["extract"]
            ]
        }
        for extract in delivery.extracts
    ]
    return {
        "receipt": "delivery",
        "receipt_version": VERSION,
        "agency": delivery.agency,
        "delivery_id": delivery.delivery_id,
        "manifest_sha256": delivery.manifest_sha256 if delivery.has_manifest else None,
        "period": delivery.period,
        "mode": delivery.mode,
        "status": delivery.status,
        "code": delivery.reason,
        "reason": delivery.detail,
        "notes": [note for note in delivery.notes if with_names or not note.startswith(UNDECLARED)],
        "extracts": extracts,
        "rows": rows,
        "nominations": nominations,
    }


def _write_rows(connection: psycopg.Connection, delivery: Answered, path: Path) -> dict[str, Any]:
    digest = hashlib.sha256()
    count = 0
    with (
        path.open("wb") as file,
        connection.cursor().copy(ROWS_OUT, [delivery.delivery_id, delivery.manifest_sha256]) as copy,
    ):
        for block in copy:
            count += bytes(block).count(b"\n")
            digest.update(block)
            file.write(block)
    return {"file": ROWS, "rows": count, "sha256": digest.hexdigest()}


def _text(content: dict[str, Any]) -> str:
    """The same for people, in Norwegian and English."""
    words = [texts(language, "messages")["receipt"] for language in said_in(get_settings().language)]
    return "\n\n".join("\n".join(_lines(content, of_language)) for of_language in words) + "\n"


def _lines(content: dict[str, Any], words: dict[str, str]) -> list[str]:
    lines = [_told(words["heading"], content), _told(words[content["status"]], content)]
    for extract in content["extracts"]:
        lines.append(_told(words["extract"], extract))
        lines += [_told(words["quarantined"], reason) for reason in extract["quarantined"]]
    lines += [_told(words["note"], {"note": note}) for note in content["notes"]]
    lines.append(_told(words["rows"], content["rows"]) if content["rows"] else words["no_rows"])
    lines += [_told(words["nominations"], content["nominations"])] if content["nominations"] else []
    return lines


def _told(sentence: str, values: dict[str, Any]) -> str:
    """The sentence with these values, none of which acts on whatever shows it."""
    return sentence.format(
        **{name: "–" if value is None else visible(str(value)) for name, value in values.items()}
    )
