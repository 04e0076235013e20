"""Values that must not travel, each found nowhere else, and the deliveries, forms and cases that they are planted in.

Of each kind, allowed_places.yml says where it may lie.
"""

import gzip
import io
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl import load_workbook
from openpyxl.comments import Comment

from tests.deliveries.building import DELIVERED, Delivery, base_row, full_delivery, person_number
from tests.deliveries.forms import DECISION
from tests.hidden import world

PERIOD = world.PERIODS[1]
# By kind, what is planted: words that are in no language, in lower case, and numbers that are no other's.
WORDS = {
    "undeclared column, CSV": ["kvidiagnose1"],
    "undeclared column, delta": ["kvidiagnose2"],
    "undeclared field, JSON lines": ["kvistatsborger1", "kvistatsborger2"],
    "further field, open JSON lines": ["kvivitne1", "kvivitne2", "kvivitne3"],
    "undeclared column, Parquet": ["kvihelse1", "kvihelse2"],
    "hidden in a workbook": ["kvignist1", "kvignist2", "kvignist3", "kvignist4", "kvignist5", "kvignist6"],
    "witness": ["kvifornarmet1", "kvifornarmet2"],
    "set aside": ["kvilusen1", "kvilusen2"],
    "set aside of a refused delivery": ["kvilusen3"],
    "undeclared file": ["kvitips1"],
    "manifest": ["kvikontakt1"],
    "reference": ["tips fra"],
    "measure": ["kvitiltak1"],
    "case": ["kvisak1"],
    "verdict": ["kvidom1"],
    "purpose": ["kviformal1"],
    "secret": ["kvipassord1"],
}
TELEPHONES = {"open": "41870263", "protected": "92316405", "client": "47720918"}
# In a manifest, a file's name and a case's reason nobody is asked for a person number, but a clerk may write one.
IN_A_NAME, IN_A_PURPOSE, IN_A_REASON = (person_number(n, birth=date(1988, 9, 1 + n)) for n in range(3))


@dataclass(frozen=True)
class Canary:
    """A value to search for, in lower case."""

    kind: str
    value: str


def all_canaries() -> Iterator[Canary]:
    yield from (Canary(kind, word) for kind, words in WORDS.items() for word in words)
    for home in world.SECRET_WORDS:
        is_later = home == world.PROTECTED_LATER
        yield Canary("address protected later" if is_later else "protected address", home)
    yield from (Canary("telephone", number) for number in TELEPHONES.values())
    yield from (
        Canary("person number", person.ident) for person in world.EVERYBODY if person.is_known_by_number
    )
    yield from (Canary("person number in a text", number) for number in world.MENTIONED)
    yield Canary("person number in a file's name", IN_A_NAME)
    yield Canary("person number in a manifest", IN_A_PURPOSE)
    yield Canary("person number in a reason", IN_A_REASON)


def keys_in(folder: Path) -> Iterator[Canary]:
    """The installation's secret keys and the demo keys of its centres, as they stand in their files."""
    for path in (*folder.glob("*.key"), *folder.glob("demo/*/identity.txt")):
        lines = [line for line in path.read_text("latin-1").splitlines() if line and line[0] not in "#u"]
        yield Canary("secret key", lines[-1].lower())


def word(kind: str, number: int = 1) -> str:
    return WORDS[kind][number - 1]


def bad_deliveries() -> list[Delivery]:
    """Those that are refused, each for what it brings that was not agreed."""
    return [_labour(), _register(), _tax(), _police(), _benefits()]


REFUSED = {
    f"arbeidstilsynet-{PERIOD}-02": "columns",
    f"brreg-{PERIOD}-02": "columns",
    f"skatteetaten-{PERIOD}-02": "columns",
    f"politiet-{PERIOD}-02": "columns",
    f"nav-{PERIOD}-02": "quarantine_share",
}


def _labour() -> Delivery:
    """CSV: a column more."""
    delivery = full_delivery("arbeidstilsynet", 1, period=PERIOD, number=2)
    names = [*base_row("arbeidstilsynet", "personer_paa_stedet", 1), "diagnose"]
    row = base_row("arbeidstilsynet", "personer_paa_stedet", 1) | {"diagnose": word("undeclared column, CSV")}
    lines = [",".join(names), ",".join(str(row[name]) for name in names)]
    delivery.raw["personer_paa_stedet"] = ("\n".join(lines) + "\n").encode()
    return delivery


def _register() -> Delivery:
    """JSON lines: a field more in a nested object, and one beside it."""
    delivery = full_delivery("brreg", 1, period=PERIOD, number=2)
    kind = "undeclared field, JSON lines"
    row = base_row("brreg", "roller", 1) | {"kilde": {"navn": [word(kind, 2)]}}
    row["person"]["statsborgerskap"] = word(kind)
    delivery.raw["roller"] = gzip.compress(json.dumps(row).encode())
    return delivery


def _tax() -> Delivery:
    """Parquet: a struct more, and a list of them."""
    delivery = full_delivery("skatteetaten", 1, period=PERIOD, number=2)
    kind = "undeclared column, Parquet"
    row = base_row("skatteetaten", "personer", 1) | {
        "helse": {"sykdom": word(kind)},
        "varslere": [{"navn": word(kind, 2)}],
    }
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([row]), sink)
    delivery.raw["personer"] = sink.getvalue()
    return delivery


def _police() -> Delivery:
    """A delta with a column more."""
    names = [*base_row("politiet", "saker", 1), "nasjonalitet", "_slettet"]
    row = base_row("politiet", "saker", 77) | {
        "nasjonalitet": word("undeclared column, delta"),
        "_slettet": "N",
    }
    lines = [";".join(names), ";".join(str(row[name]) for name in names)]
    return Delivery(
        "politiet", PERIOD, 2, mode="delta", rows={"saker": [row]}, raw={"saker": ("\n".join(lines) + "\n").encode("iso-8859-1")}
    )  # fmt: skip


def _benefits() -> Delivery:
    """More rows to set aside than are tolerated: those rows are kept, for whoever asks why."""
    delivery = full_delivery("nav", 1, period=PERIOD, number=2)
    delivery.rows["saker"] = [
        base_row("nav", "saker", n) | {"periode_fra": "2023-02-30", "aarsak": word("set aside of a refused delivery")}
        for n in range(1, 13)
    ]  # fmt: skip
    return delivery


def plant(deliveries: list[Delivery]) -> None:
    """Put further canaries into sound deliveries: what is ignored, and what is set aside."""
    by_agency = {delivery.agency: delivery for delivery in deliveries}
    open_fields = "further field, open JSON lines"
    enterprises = by_agency["brreg"].rows["enheter"]
    enterprises[0] |= {"vitner": [{"navn": word(open_fields)}]}
    enterprises[0]["forretningsadresse"]["merknad"] = word(open_fields, 2)
    enterprises.append(
        base_row("brreg", "enheter", 40)
        | {"organisasjonsnummer": "999", "vitner": word(open_fields, 3), "navn": word("set aside", 2)}
    )
    by_agency["nav"].rows["personer"].append(
        base_row("nav", "personer", 40) | {"fodselsdato": "1980-02-31", "navn": word("set aside").upper()}
    )
    by_agency["politiet"].rows["involverte"] += [
        base_row("politiet", "involverte", 90 + n)
        | {"rolle": role, "person_lopenr": word("witness", n), "involvert_id": f"{word('witness', n)}-id"}
        for n, role in enumerate(("vitne", "fornaermet"), start=1)
    ]
    by_agency["arbeidstilsynet"].manifest |= {
        "purpose": f"a-krim {IN_A_PURPOSE}",
        "kontaktperson": word("manifest"),
    }
    by_agency["arbeidstilsynet"].spoil = _add_a_file


def _add_a_file(folder: Path, _: dict[str, Any]) -> None:
    (folder / f"notat {IN_A_NAME}.txt").write_text(f"{word('undeclared file')} {IN_A_NAME}")


SET_ASIDE = {
    "brreg/enheter": 1, "nav/personer": 1, "nav/saker": 12, "politiet/involverte": 2, "skatteetaten/personer": 2,
}  # fmt: skip


def return_form(form: Path, target: Path, row: int) -> None:
    """A release's decision form as it comes back, decided on in one row, with what nobody sees in a spreadsheet."""
    book = load_workbook(form)
    sheet = book["beslutninger"]
    letters = {cell.value: cell.column_letter for cell in sheet[1]}
    for name, value in (
        DECISION | {"besluttet_dato": DELIVERED[PERIOD][:10], "tiltak": word("measure")}
    ).items():
        sheet[f"{letters[name]}{row}"] = value
    hidden = "hidden in a workbook"
    sheet[f"{letters['tiltak']}{row}"].comment = Comment(word(hidden, 2), word(hidden, 3))
    sheet.cell(1, sheet.max_column + 1, "tipser")
    sheet.cell(row, sheet.max_column, word(hidden, 4))
    sheet.cell(1, sheet.max_column + 1, "kommentar")
    sheet.cell(row, sheet.max_column, word(hidden))
    extra = book.create_sheet("notater")
    extra["A1"] = word(hidden, 5)
    extra.sheet_state = "veryHidden"
    book.properties.keywords = word(hidden, 6)
    target.parent.mkdir(exist_ok=True)
    # A spreadsheet keeps a copy while it saves; it does so on the centre's machine, not in the pipeline's temporary folder.
    with TemporaryDirectory(dir=target.parent) as folder, patch.object(tempfile, "tempdir", folder):
        book.save(target)
