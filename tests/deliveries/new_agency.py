"""Customs, an agency that is a contract file alone."""

from pathlib import Path

import pytest
from akrim.deliveries import prepare_landing

from tests.conftest import configure
from tests.deliveries.building import BASE, base_row
from tests.deliveries.conftest import Receiver

CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: akrim-toll
name: toll
version: "1.0"
status: active
domain: a-krim
description: {purpose: Goods declared at the border.}
servers: [{server: csv, type: custom, format: csv, encoding: utf-8, delimiter: ";"}]
schema:
  - name: deklarasjoner
    physicalType: csv
    description: One declaration a row.
    customProperties:
      - {property: dataCategory, value: control}
      - {property: legalBasis, value: FOR-2022-06-17-1045 § 3}
      - {property: quarantineRows, value: 2}
    properties:
      - {name: deklarasjon_id, logicalType: string, primaryKey: true, required: true, description: Id.}
      - {name: orgnr, logicalType: string, required: true, tags: [orgnr], description: The importer.}
      - {name: dato, logicalType: date, required: true, description: Date.}
      - {name: vekt, logicalType: number, logicalTypeOptions: {minimum: 0}, description: Kilograms.}
"""


def agree(text: str, tmp_path: Path, patch: pytest.MonkeyPatch) -> None:
    """Let this be the contract from now on, in a folder of its own."""
    folder = tmp_path / f"contracts-{len(list(tmp_path.iterdir()))}"
    folder.mkdir()
    (folder / "toll.yaml").write_text(text, encoding="utf-8")
    configure(patch, AKRIM_CONTRACTS=str(folder))
    prepare_landing()


@pytest.fixture
def toll(receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Receiver:
    monkeypatch.setitem(
        BASE,
        "toll",
        {
            "deklarasjoner": {
                "deklarasjon_id": "{key}",
                "orgnr": "{orgnr}",
                "dato": "2025-09-01",
                "vekt": "12.5",
            }
        },
    )
    agree(CONTRACT, tmp_path, monkeypatch)
    return receiver


def declaration(number: int, **fields: str) -> dict[str, str]:
    return base_row("toll", "deklarasjoner", number) | fields
