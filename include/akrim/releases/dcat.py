"""Describes the series of releases in DCAT-AP-NO, as JSON-LD, for a national data catalogue.

It holds no data about persons or lists. The same releases give the same bytes.
"""

from datetime import date
from pathlib import Path
from typing import Any

from akrim.atomic_files import write_whole
from akrim.formats import as_json
from akrim.ledger import list_releases
from akrim.periods import Period
from akrim.report import Words
from akrim.rules import load_rules
from akrim.settings import get_settings
from akrim.texts import LANGUAGES, texts

FILE = "catalogue.jsonld"
PUBLISHED = ("published", "superseded")
EU = "http://publications.europa.eu/resource/authority/"
CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "dcatap": "http://data.europa.eu/r5r/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
REGULATION = "https://lovdata.no/eli/forskrift/2022/06/17/1045"
PUBLISHER, CONTACT, CATALOGUE, SERIES = (
    f"tag:akrim,2026:{name}" for name in ("publisher", "contact", "catalogue", "series")
)


def write_catalogue() -> Path:
    """Write releases/catalogue.jsonld, replacing an existing one atomically."""
    settings = get_settings()
    path = settings.releases_path / FILE
    document = catalogue_of(list_releases(), settings.data_mode == "synthetic")
    write_whole(path, as_json(document).encode())
    return path


def renew_catalogue() -> None:
    """Write it again where there are releases: whoever published or recalled the last one may have been killed before it was."""
    if get_settings().releases_path.exists():
        write_catalogue()


def catalogue_of(releases: list[dict[str, Any]], is_synthetic: bool) -> dict[str, Any]:
    """The description as a JSON-LD document.

    Args:
        releases: the ledger's rows; those never published are ignored.
    """
    words = [Words(language) for language in LANGUAGES]
    published = [row for row in releases if row["status"] in PUBLISHED]
    published.sort(key=lambda row: (row["as_of"], row["release_id"]))
    datasets = [_release(row, words) for row in published]
    common = _common_fields(words, is_synthetic)
    return {
        "@context": CONTEXT,
        "@graph": [
            {
                "@id": CATALOGUE,
                "@type": "dcat:Catalog",
                **common,
                "dct:language": [
                    _eu("language", texts(language, "language")["authority_code"]) for language in LANGUAGES
                ],
                "dcat:dataset": [{"@id": node["@id"]} for node in ({"@id": SERIES}, *datasets)],
            },
            {
                "@id": SERIES,
                "@type": ["dcat:DatasetSeries", "dcat:Dataset"],
                **common,
                **_dataset_fields(SERIES),
                "dct:accrualPeriodicity": _eu("frequency", "ANNUAL_3"),
            },
            *({**node, **_dataset_fields(node["@id"])} for node in datasets),
            *_parties(words),
        ],
    }


def _common_fields(words: list[Words], is_synthetic: bool) -> dict[str, Any]:
    keys = ("series_description", *(("synthetic_series",) if is_synthetic else ()))
    return {
        "dct:title": [_text(word("series_title"), word.language) for word in words],
        "dct:description": [_text(" ".join(map(word, keys)), word.language) for word in words],
        "dct:publisher": {"@id": PUBLISHER},
        "dcat:contactPoint": {"@id": CONTACT},
    }


def _dataset_fields(identifier: str) -> dict[str, Any]:
    return {
        "dct:identifier": identifier,
        "dcat:theme": _eu("data-theme", "JUST"),
        "dct:accessRights": _eu("access-right", "NON_PUBLIC"),
        "dct:spatial": _eu("country", "NOR"),
        "dcatap:applicableLegislation": {"@id": REGULATION},
    }


def _release(row: dict[str, Any], words: list[Words]) -> dict[str, Any]:
    period = Period.parse(row["period"])
    named = [(word, word(f"period_name_{row['period'][-1]}", year=row["period"][:4])) for word in words]
    return {
        "@id": f"tag:akrim,2026:release:{row['release_id']}",
        "@type": "dcat:Dataset",
        "dct:title": [_text(f"{word('series_title')}, {name}", word.language) for word, name in named],
        "dct:description": [_text(word("series_description"), word.language) for word in words],
        "dct:publisher": {"@id": PUBLISHER},
        "dcat:contactPoint": {"@id": CONTACT},
        "dcat:inSeries": {"@id": SERIES},
        "dcat:version": row["release_id"],
        "dct:temporal": {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": _day(period.start),
            "dcat:endDate": _day(period.as_of),
        },
    }


def _parties(words: list[Words]) -> list[dict[str, Any]]:
    return [
        {
            "@id": PUBLISHER,
            "@type": "foaf:Agent",
            "foaf:name": _text(load_rules()[0].owner, "nb"),
            "dct:identifier": PUBLISHER,
        },
        {
            "@id": CONTACT,
            "@type": "vcard:Organization",
            "vcard:fn": [_text(word("series_contact"), word.language) for word in words],
            "vcard:hasURL": {"@id": get_settings().contact_url},
        },
    ]


def _text(value: str, language: str) -> dict[str, str]:
    return {"@value": value, "@language": language}


def _eu(vocabulary: str, code: str) -> dict[str, str]:
    return {"@id": f"{EU}{vocabulary}/{code}"}


def _day(day: date) -> dict[str, str]:
    return {"@value": day.isoformat(), "@type": "xsd:date"}
