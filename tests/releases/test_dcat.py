"""The catalogue of releases: valid DCAT-AP-NO without data."""

from pathlib import Path

import pytest
from akrim.cli import app
from akrim.releases.dcat import write_catalogue
from akrim.sending import recall_release
from akrim.texts import LANGUAGES
from rdflib import DCTERMS, FOAF, RDF, Graph, Namespace, URIRef
from typer.testing import CliRunner

from tests.releases import world
from tests.trust.conftest import FIRST, SECOND

pytestmark = pytest.mark.slow

# rdflib knows DCAT 2 alone.
DCAT = Namespace("http://www.w3.org/ns/dcat#")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
# The mandatory properties of DCAT-AP-NO 3.0 (https://data.norge.no/specification/dcat-ap-no), and what we tell besides.
DEMANDED = {
    DCAT.Catalog: (DCTERMS.title, DCTERMS.description, DCTERMS.publisher, DCAT.contactPoint, DCAT.dataset),
    DCAT.Dataset: (
        DCTERMS.title, DCTERMS.description, DCTERMS.publisher, DCAT.contactPoint, DCTERMS.identifier,
        DCAT.theme, DCTERMS.accessRights,
    ),
    DCAT.DatasetSeries: (
        DCTERMS.title, DCTERMS.description, DCTERMS.publisher, DCAT.contactPoint, DCAT.theme,
    ),
    FOAF.Agent: (FOAF.name, DCTERMS.identifier),
    VCARD.Organization: (VCARD.fn, VCARD.hasURL),
}  # fmt: skip


@pytest.fixture(scope="module")
def described(published: Path) -> Graph:
    return Graph().parse(published / "catalogue.jsonld", format="json-ld")


@pytest.mark.parametrize("kind", DEMANDED)
def test_what_the_profile_demands_is_there(described: Graph, kind: URIRef) -> None:
    subjects = set(described.subjects(RDF.type, kind))
    assert subjects
    for subject in subjects:
        missing = [p for p in DEMANDED[kind] if (subject, p, None) not in described]
        assert not missing, f"{subject} lacks {missing}"
        assert len(set(described.objects(subject, DCTERMS.publisher))) <= 1
        for text in (DCTERMS.title, DCTERMS.description):
            languages = [value.language for value in described.objects(subject, text)]
            assert len(languages) == len(set(languages)), "one text for each language"


def test_every_release_is_a_dataset_of_the_series(described: Graph) -> None:
    (series,) = described.subjects(RDF.type, DCAT.DatasetSeries)
    members = {
        str(next(described.objects(dataset, DCAT.version)))
        for dataset in described.subjects(DCAT.inSeries, series)
    }
    assert members == {world.FIRST, world.SECOND}
    (right,) = set(described.objects(None, DCTERMS.accessRights))
    assert right.endswith("/NON_PUBLIC")


def test_titles_are_in_both_languages(described: Graph) -> None:
    for subject in described.subjects(RDF.type, DCAT.Dataset):
        assert {title.language for title in described.objects(subject, DCTERMS.title)} == set(LANGUAGES)


def test_after_a_kill_between_a_recall_and_the_catalogue_the_next_sending_writes_it(
    installation: Path,
) -> None:
    catalogue = write_catalogue()
    assert SECOND in catalogue.read_text()
    recall_release(SECOND, "Kari Vakt", "Feil i en regel.")
    CliRunner().invoke(app, ["releases", "deliver"], catch_exceptions=False)
    assert SECOND not in catalogue.read_text()
    assert FIRST in catalogue.read_text()


def test_it_names_no_person(published: Path) -> None:
    text = (published / "catalogue.jsonld").read_text()
    assert "Eksempelsen" not in text
    assert world.SERIAL not in text
