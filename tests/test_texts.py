"""Every language says the same: the same files, the same keys, the same {places}; nothing that is left in another language."""

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from akrim.contracts import load_contracts
from akrim.report.sections.changes import CAUSES, KINDS
from akrim.rules import load_rules
from akrim.settings import Settings
from akrim.texts import LANGUAGES, LANGUAGES_OF_MARTS, labels, said_in, texts
from pydantic import ValidationError

FIRST = LANGUAGES[0]

# Forms of Bokmål that Nynorsk does not have.
BOKMAAL_ALONE = set(
    re.findall(r"\w+", """ansatt ansatte antall arbeidsgiver arbeidsgiveren arbeidstaker arbeidstakere avgjørelse avgjørelsen begrunnelse beslutning
    beslutninger besluttet bestridt ble bosted bostyrer brudd dager dere egne ektefeller endret endringer enkeltpersonforetak
    etater foretak foretaket foretakene forelegg forrige forskjell forskjellige fortsatt fra frifinnelse gjør gjøre hendelse
    henlagt henlagte hjem hva hvem hver hvert hvilke hvilken hvis hvitvasking hvor hvordan hvorfor høyst ikke innehaver innsigelser
    kilde kilder kilden kobling koblinger koblet konkurser leder ledere ledergruppe ledergruppen listen lønnsgaranti mellomnavn mens
    mulig mulige måned måneder navn noe noen nå omgjort omgjorte oppdragsgiver oppdragsgivere opplysninger opplysningene personposter poster
    overtredelsesgebyr personer personene politianmeldelse reaksjoner regler reglene regnskapsfører restanser samme sammen selv
    senere sentre siden siktet skyldig sted stedet tidligere tilståelsesdom trolig trusselaktører tvangsoppløsning uke uten utenfor
    utgave utgaven videreført virksomhet virksomheten virksomheter vært ytelse ytelsen""")
)  # fmt: skip
# Of words that Nynorsk writes in two ways, the one that is not used here.
OTHER_FORMS = {"òg", "vart", "peikar", "fornamn", "føreslått", "formål"}


def subjects(language: str) -> set[str]:
    return {path.name.removesuffix(".yml") for path in files("akrim.texts").joinpath(language).iterdir()}


def leaves(tree: Any, *path: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every text with the keys that lead to it; a list is one text."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from leaves(value, *path, str(key))
    else:
        yield path, tree


def places(text: Any) -> set[str]:
    return (
        {name for _, name, _, _ in Formatter().parse(text) if name is not None}
        if isinstance(text, str)
        else set()
    )


def test_no_sentence_stands_in_the_program_too() -> None:
    """A page and a command would then say it, once changed, each in its own way."""
    programs = [path.read_text() for path in Path(str(files("akrim"))).rglob("*.py")]
    sentences = [
        text for name in subjects("en") for _, text in leaves(texts("en", name)) if len(str(text)) > 60
    ]
    assert len(sentences) > 200
    assert [text for text in sentences if any(str(text) in program for program in programs)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_line_of_a_report_ends_between_a_section_sign_and_its_number(language: str) -> None:
    told = " ".join(str(text) for _, text in leaves(texts(language, "report")))
    assert told.count("§") == told.count("§\u00a0") > 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_left_out_of_a_report_is_in_a_file_that_it_names(language: str) -> None:
    """But the profiles, which are of all of them."""
    told = [
        path
        for path, text in leaves(texts(language, "report"))
        if re.search(r"datafil|data file", str(text)) and ".parquet" not in text
    ]
    assert told == [("ranking_note_profiles",)]


def test_norwegian_comes_first() -> None:
    assert LANGUAGES[:2] == LANGUAGES_OF_MARTS == ("nb", "en")


@pytest.mark.parametrize(("own", "said"), [("nb", ("nb", "en")), ("en", ("nb", "en")), ("nn", ("nn", "en"))])
def test_what_goes_to_many_is_said_in_one_norwegian_and_in_english(own: str, said: tuple[str, ...]) -> None:
    assert said_in(own) == said


@pytest.mark.parametrize("language", LANGUAGES[1:])
@pytest.mark.parametrize("subject", sorted(subjects(FIRST)))
def test_every_text_exists_in_every_language(language: str, subject: str) -> None:
    assert subjects(language) == subjects(FIRST)
    said, first = dict(leaves(texts(language, subject))), dict(leaves(texts(FIRST, subject)))
    assert list(said) == list(first)
    assert [path for path, text in said.items() if text in ("", None)] == []
    if subject != "language":
        assert [path for path, text in said.items() if places(text) != places(first[path])] == []
        assert [path for path, text in said.items() if not isinstance(text, str)] == []


def test_nynorsk_has_no_word_that_is_bokmaal_alone() -> None:
    said = [
        text
        for subject in subjects("nn")
        for _, text in leaves(texts("nn", subject))
        if isinstance(text, str)
    ]
    # What is quoted in lower case, or in backticks, is what something is called in every language.
    plain = " ".join(re.sub(r"«[a-zæøå_]+»|`[^`]*`|henlagt_bevis", "", text) for text in said)
    found = {word.lower() for word in re.findall(r"[a-zæøåò]+", plain, re.IGNORECASE)}
    assert found & BOKMAAL_ALONE == set()
    assert found & OTHER_FORMS == set()
    bokmaal = " ".join(str(text) for subject in subjects("nb") for _, text in leaves(texts("nb", subject)))
    assert len({word for word in BOKMAAL_ALONE if re.search(rf"\b{word}\b", bokmaal, re.IGNORECASE)}) > 60


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_of_a_rule_and_a_contract_has_a_name(language: str) -> None:
    named = labels(language)
    agencies = load_contracts().keys()
    assert [agency for agency in agencies if ("agency", agency) not in named] == []
    areas = {rule.area for rule in load_rules()}
    assert [area for area in sorted(areas) if ("area", area) not in named] == []
    report = texts(language, "report")
    for kind, codes in (("change", KINDS), ("cause", CAUSES)):
        assert [
            code for code in codes if f"{kind}_{code}" not in report and (f"list_{kind}", code) not in named
        ] == []


def test_a_language_without_texts_is_refused() -> None:
    with pytest.raises(ValidationError, match=f"none of {', '.join(LANGUAGES)}"):
        Settings(language="sv")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_label_has_a_place_that_kept_sql_fills(language: str) -> None:
    """The seed of labels is kept with each release as SQL, in which these stand for the release's values."""
    filled = {"release_id", "disputed", "decided", "gated", "as_of"}
    assert not [key for key, text in labels(language).items() if places(text) & filled]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_measure_is_defined_by_what_stands_above_it(language: str) -> None:
    """In `defined_measures` each definition is a row of its own, in whatever order somebody asks for."""
    told = {key: text for key, text in labels(language).items() if key[0] == "measure_definition"}
    assert told
    assert not [
        key
        for key, text in told.items()
        if re.search(r"\b(above|summen over|som over|for B\d)\b", text, re.IGNORECASE)
    ]


@pytest.mark.parametrize("language", ["nb", "nn"])
def test_no_page_calls_a_decision_what_the_report_says_it_is_not(language: str) -> None:
    """A decision on a person is no `vedtak`, which would be one in law."""
    assert "vedt" not in str(texts(language, "pages")).lower()


def test_no_text_of_the_pages_hides_behind_what_a_dictionary_can_do() -> None:
    """A template asks for it as an attribute, and would show the method."""
    paths = [path for path, _ in leaves(texts(FIRST, "pages"))]
    assert [path for path in paths if set(path) & set(dir(dict))] == []
