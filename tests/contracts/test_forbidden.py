"""A contract that agrees on what must never enter is not read, whatever it calls it; the agreed ones name nothing of the kind."""

import shutil
from importlib.resources import files
from pathlib import Path

import pytest
from akrim.contracts import load_contracts
from akrim.contracts.forbidden import forbidden_kind
from akrim.contracts.reading import read_contract
from akrim.errors import UserError

pytestmark = pytest.mark.usefixtures("home")

NAMED = {
    "health": ["diagnose", "hoveddiagnosekode", "sak.diagnosis", "helseopplysning", "healthStatus", "sykmeldt_fra", "ICD10", "syk"],
    "biometric_or_genetic": ["fingeravtrykk", "biometricHash", "dna_profil"],
    "ethnicity": ["etnisk_bakgrunn", "ethnicity", "race", "morsmaal", "skin_colour"],
    "religion_or_belief": ["religion", "trossamfunn", "livssyn", "person.tro"],
    "political_opinion": ["politisk_syn", "politicalOpinion"],
    "union_membership": ["fagforening", "er_fagorganisert", "trade_union", "unionMembership"],
    "sexual_life": ["seksuell_orientering", "sexual_orientation"],
    "nationality": ["nasjonalitet", "statsborgerskap", "fødeland", "foedeland", "fodselsland", "countryOfBirth", "birth_country"],
    "witness_or_victim": ["vitne_navn", "witness", "fornærmet", "fornaermet", "offer", "victim_name"],
    "tip_giver": ["tipser_navn", "tips", "informant", "varsler", "whistleblower_id"],
}  # fmt: skip
HARMLESS = [
    "fodselsdato", "kontroll_id", "kontroller", "oppdragsgiver_orgnr", "landkode", "offentlig", "anmelder", "trekk", "tropp",
    "brace_id", "unionstoll", "menneskehandel", "arbeidsforhold_id", "adressebeskyttelse", "beskrivelse", "partner_id",
]  # fmt: skip


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in NAMED.items() for name in names])
def test_a_name_of_a_forbidden_kind_is_known(kind: str, name: str) -> None:
    assert forbidden_kind(name) == kind


@pytest.mark.parametrize("name", HARMLESS)
def test_another_name_is_not(name: str) -> None:
    assert forbidden_kind(name) == ""


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("name: feilutbetalt_beloep", "name: diagnosekode", "The field 'diagnosekode' may not be agreed on: it is about health"),
        ("name: vedtak_endret", "name: statsborgerskap", "it is about nationality or country of birth"),
        ("classification: birth_date", "classification: health", "The classification 'health'"),
        ("{value: DAG", "{value: vitne}, {value: DAG", "The code of ytelseskode 'vitne'"),
    ],
)  # fmt: skip
def test_such_a_contract_is_refused_with_the_reason(
    tmp_path: Path, old: str, new: str, complaint: str
) -> None:
    path = tmp_path / "nav.yaml"
    shutil.copy(str(files("akrim.contracts").joinpath("nav.yaml")), path)
    read_contract(path)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(UserError) as refused:
        read_contract(path)
    assert complaint in refused.value.what
    assert refused.value.where.startswith("nav.yaml: ")


def test_the_agreed_contracts_are_read_with_the_check() -> None:
    assert len(load_contracts()) >= 6
