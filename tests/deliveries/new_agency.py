"""Customs, an agency that is a contract file alone."""

from pathlib import Path

import pytest
from akrim.deliveries import prepare_landing
from akrim.settings import get_settings

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


@pytest.fixture
def toll(receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Receiver:
    folder = tmp_path / "contracts"
    folder.mkdir()
    (folder / "toll.yaml").write_text(CONTRACT, encoding="utf-8")
    monkeypatch.setenv("AKRIM_CONTRACTS", str(folder))
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
    get_settings.cache_clear()
    prepare_landing()
    return receiver


def declaration(number: int, **fields: str) -> dict[str, str]:
    return base_row("toll", "deklarasjoner", number) | fields
