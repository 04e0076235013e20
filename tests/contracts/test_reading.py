"""The contracts match the agreed fields; an error names the invalid contract and what is wrong."""

import shutil
from importlib.resources import files
from pathlib import Path

import pytest
from akrim.contracts import Column, checking, load_contracts
from akrim.contracts.reading import read_contract
from akrim.deliveries import landing, scratch
from akrim.errors import UserError

AGREED = [
    line.split(": ", 1)
    for line in (Path(__file__).parent / "agreed_fields.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


pytestmark = pytest.mark.usefixtures("home")


def written(column: Column) -> str:
    """A column in the notation of agreed_fields.txt."""
    marks = ("*" if column.is_key else "") + ("!" if column.is_required else "")
    codes = f"{{{'|'.join(column.codes)}}}" if column.codes else ""
    parent = f"→{column.parent[0]}" if column.parent else ""
    return f"{column.path}{marks}{codes}{parent}"


@pytest.mark.parametrize(("extract", "fields"), AGREED, ids=[name for name, _ in AGREED])
def test_a_contract_has_the_agreed_fields_in_their_order(extract: str, fields: str) -> None:
    agency, name = extract.split(".")
    assert " ".join(written(column) for column in load_contracts()[agency].extract(name).columns) == fields


@pytest.mark.parametrize("agency", sorted(load_contracts()))
def test_the_packages_own_keep_to_the_standard(agency: str) -> None:
    """They are read without the check, which tests alone have the time for."""
    own = Path(str(files("akrim.contracts").joinpath(f"{agency}.yaml")))
    assert read_contract(own) == load_contracts()[agency]


def test_no_extract_is_beyond_what_was_agreed() -> None:
    extracts = {f"{e.agency}.{e.name}" for c in load_contracts().values() for e in c.extracts}
    assert extracts == {name for name, _ in AGREED}


def test_formats_modes_and_expectations_are_the_agreed_ones() -> None:
    contracts = load_contracts()
    forms = {
        a: {(e.formats[0].name, e.formats[0].encoding, e.formats[0].delimiter) for e in c.extracts}
        for a, c in contracts.items()
    }
    assert forms == {
        "arbeidstilsynet": {("csv", "utf-8", ",")},
        "brreg": {("jsonl.gz", "utf-8", ";")},
        "nav": {("csv", "utf-8", ";")},
        "politiet": {("csv", "iso-8859-1", ";")},
        "sentrene": {("csv", "utf-8", ";")},
        "skatteetaten": {("csv", "utf-8", ";"), ("parquet", "utf-8", ";")},
    }
    assert contracts["sentrene"].modes == ("delta",)
    assert contracts["sentrene"].is_append_only
    assert [a for a, c in contracts.items() if not c.is_expected_each_period] == ["sentrene"]


def test_every_field_states_its_category() -> None:
    for contract in load_contracts().values():
        for extract in contract.extracts:
            assert all(column.category and column.description for column in extract.columns)


def test_parents_come_before_their_children() -> None:
    for contract in load_contracts().values():
        seen: set[str] = set()
        for extract in contract.extracts:
            assert {parent for _, parent in extract.parents} <= seen
            seen.add(extract.name)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("kind: DataContract", "kind: Avtale", "breaks the Open Data Contract Standard"),
        ("logicalType: integer", "logicalType: heltall", "breaks the Open Data Contract Standard"),
        (
            "logicalType: date",
            "logicalType: timestamp",
            "No column holds the type of fodselsdato (timestamp)",
        ),
        ("physicalType: csv", "physicalType: ods", "No server says how the format ods is written"),
        ("format: csv", "format: ods", "No reader for the format ods"),
        ("encoding: utf-8", "encoding: UTF-8", "the contract's encoding"),
        ("encoding: utf-8", "encoding: utf8mb4", "the contract's encoding"),
        ('delimiter: ";"', 'delimiter: ";;"', "the contract's delimiter"),
        ('delimiter: ";"', "delimiter: '\"'", "the contract's delimiter"),
        ("primaryKey: true, ", "", "exactly one primaryKey"),
        (
            "classification: benefit, description: The case's id",
            "description: The case's id",
            "No category of data",
        ),
        (
            "classification: benefit, description: Why",
            "classification: Trygd!, description: Why",
            "No category of data",
        ),
        ("name: nav\n", "name: navn\n", "its file's is"),
        ("name: nav\n", 'name: "nav; drop schema meta"\n', "the contract's agency"),
        ("name: saker\n", 'name: "saker (x int); --"\n', "the contract's extract"),
        ("name: navn,", 'name: "navn text); --",', "the contract's field"),
        ("name: saker\n", f"name: {'s' * 31}\n", "the contract's extract"),
        ("name: navn,", f"name: {'n' * 64},", "the contract's field"),
        ("{value: DAG", '{value: "DAG\'); --"', "the contract's code"),
        ("to: personer.nav_id", "to: schema/personer/properties/nav_id", "the contract's related field"),
        ("name: saker\n", "name: lonnsgaranti\n", "The extract lonnsgaranti would be stored as another is"),
        ("name: saker\n", "name: results\n", "The extract results would be stored as"),
        ("name: saker\n", "name: personer_keys\n", "The extract personer_keys would be stored as"),
        ("name: navn,", "name: Nav_id,", "The field nav_id would be stored as another is"),
        ("name: navn,", "name: delivery_id,", "The field delivery_id would be stored as"),
        ("to: personer.nav_id", "to: ukjente.nav_id", "nav_id leads to ukjente.nav_id, which is no key"),
        ("to: personer.nav_id", "to: personer.navn", "nav_id leads to personer.navn, which is no key"),
        ("to: personer.nav_id", "to: saker.sak_id", "nav_id leads to saker.sak_id, which is no key"),
        ("status: active\n", "status: active\nstatus: draft\n", "a field is named twice at line 7"),
        ("name: navn,", "name: 5,", "5 is not of type 'string'"),
        ("name: navn, logicalType: string,", "name: navn,", "'logicalType' is a required property"),
        ("name: navn,", "name: _slettet,", "The field _slettet would be stored as"),
        ('version: "1.0"', 'version: "one two"', "the contract's version"),
        ("value: [full, delta]", "value: []", "No delivery could come by"),
        ("value: [full, delta]", "value: [ful]", "No delivery could come by the modes ful."),
        ("value: [full, delta]", "value: [delta]", "No delivery could come by the modes delta."),
        ("property: modes", "property: mode", "There is no property mode here"),
        ("property: optional", "property: modes", "There is no property modes here"),
        ("tags: [personNumber]", "tags: [personnumber]", "ident states 'personnumber', to which nothing"),
        ("tags: [personNumber]", "tags: [personNumber, orgnr]", "ident cannot be orgnr and personNumber"),
        ("string, tags: [personNumber]", "integer, tags: [personNumber]", "of the type integer"),
        ("string, tags: [personNumber]", "string, logicalTypeOptions: {pattern: (a+)+}", "states 'pattern'"),
        ("{value: DAG}", "{value: NO}", "A code of ytelseskode is no text"),
        ("{value: DAG}", "{value: 01}", "A code of ytelseskode is no text"),
        ("value: [nav_id, orgnr]", "value: [orgnr]", "exactlyOneOf names orgnr, of which nobody"),
        ("mustBeBetween: [1, 5000000]", "mustBeBetween: [5000000, 1]", "the bounds of mustBeBetween"),
        ("integer,", "integer, logicalTypeOptions: {minimum: .nan},", "the bounds of feilutbetalt_beloep"),
        (
            "Type: date,",
            "Type: date, logicalTypeOptions: {minimum: '2020-01-01'},",
            "fodselsdato states 'minimum'",
        ),
        ("integer,", "integer, logicalTypeOptions: {minimum: 9, maximum: 1},", "the bounds of feilutbetalt"),
    ],
)
def test_a_broken_contract_says_what_and_where(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    path = tmp_path / "nav.yaml"
    shutil.copy(str(files("akrim.contracts").joinpath("nav.yaml")), path)
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(UserError) as error:
        read_contract(path)
    assert complaint in error.value.what
    assert "nav.yaml" in error.value.where
    assert error.value.next_step


@pytest.mark.parametrize(
    ("old", "new", "fields"),
    [
        ("format: csv", "format: parquet", "of rolle from"),
        ("format: csv", "format: jsonl.gz", "of rolle from"),
        ("description: The case., ", "tags: [neverLoadOthers], description: The case., ", "of saksnummer, rolle from"),
    ],
)  # fmt: skip
def test_what_may_never_be_loaded_is_agreed_on_only_where_it_is_looked_for(
    tmp_path: Path, old: str, new: str, fields: str
) -> None:
    path = tmp_path / "politiet.yaml"
    text = files("akrim.contracts").joinpath("politiet.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(UserError, match=f"Nothing would keep other codes {fields}") as error:
        read_contract(path)
    assert error.value.where == "politiet.yaml: involverte"


def test_no_name_of_our_own_can_be_agreed_on() -> None:
    columns = {name for name, _ in landing.BOOKKEEPING} | {
        column.split()[0] for column in scratch.READER_COLUMNS.as_string().split(", ")
    }
    assert columns <= checking.OWN_COLUMNS
    assert scratch.OWN_TABLES.keys() <= checking.OWN_TABLES


def test_an_alternative_must_be_agreed_on(tmp_path: Path) -> None:
    path = tmp_path / "skatteetaten.yaml"
    text = files("akrim.contracts").joinpath("skatteetaten.yaml").read_text(encoding="utf-8")
    assert "value: [orgnr, part_id]" in text
    path.write_text(text.replace("value: [orgnr, part_id]", "value: [orgnr, person]"), encoding="utf-8")
    with pytest.raises(UserError, match="exactlyOneOf names 'person'"):
        read_contract(path)


UPGRADE = (
    "{property: earlierVersions, value: [{version: '0.9', acceptedUntil: 2027-04-30, extracts: {saker: %s}}]}"
)


def with_text(folder: Path, mark: str, text: str) -> Path:
    """Nav's contract in that folder, with the text in place of the first such mark."""
    path = folder / "nav.yaml"
    given = files("akrim.contracts").joinpath("nav.yaml").read_text(encoding="utf-8")
    path.write_text(given.replace(mark, text, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("upgrade", "complaint"),
    [
        ("{added: [grunn]}", "no field 'grunn'"),
        ("{added: [aarsak]}", "must not be required"),
        ("{renamed: {anmeldt_dato: arbeidsgiver_orgnr}}", "is a field still"),
        ("{renamed: {gammel: ny}}", "no field 'ny'"),
        ("{renamed: {'gammel; --': anmeldt_dato}}", "the contract's earlier field"),
        ("{codes: {aarsak: {ukjent: noe}}}", "agreed no longer to such as are"),
        ("{codes: {aarsak: {annet: annet}}}", "agreed no longer to such as are"),
        ("{dropped: [aarsak]}", "another form than is read"),
        ("{codes: {aarsak: {NO: annet}}}", "another form than is read"),
        ("{}}, extract: {saker: {}", "another form than is read"),
    ],
)
def test_an_upgrade_that_cannot_be_made_says_why(tmp_path: Path, upgrade: str, complaint: str) -> None:
    mark = "customProperties:\n"
    path = with_text(tmp_path, mark, f"{mark}  - {UPGRADE % upgrade}\n")
    with pytest.raises(UserError, match=complaint) as error:
        read_contract(path)
    assert "nav.yaml: earlierVersions" in error.value.where or "earlier field" in complaint


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mostRows", "many"),
        ("quarantineRows", "true"),
        ("quarantineShare", "-0.1"),
        ("quarantineShare", "5"),
        ("longestValueBytes", "1.5"),
        ("longestValueBytes", ".inf"),
        ("longestValueBytes", "1099511627776"),
        ("fewestShare", "50"),
        ("mostShare", "0.5"),
        ("alsoAccepted", "[xlsx]"),
        ("exactlyOneOf", "navn"),
        ("exactlyOneOf", "[navn, 5]"),
        ("legalBasis", "5"),
        ("optional", "'no'"),
    ],
)
def test_a_property_that_holds_something_else_is_told(tmp_path: Path, name: str, value: str) -> None:
    ours = f"    customProperties:\n      - {{property: {name}, value: {value}}}\n"
    path = with_text(tmp_path, "    quality:\n", f"{ours}    quality:\n")
    with pytest.raises(UserError, match=f"property {name} cannot be") as error:
        read_contract(path)
    assert error.value.where == "nav.yaml: personer"


def test_what_others_say_in_a_contract_for_tools_of_their_own_is_left_alone(tmp_path: Path) -> None:
    path = with_text(tmp_path, "tags: [personNumber]", "tags: [personNumber, pii]")
    text = path.read_text(encoding="utf-8").replace(
        "customProperties:\n", "customProperties:\n  - {property: steward, value: [1]}\n", 1
    )
    path.write_text(text, encoding="utf-8")
    assert read_contract(path).extracts == load_contracts()["nav"].extracts


@pytest.mark.parametrize(
    ("mark", "text"),
    [
        ("integer,", "integer, logicalTypeOptions: {maximum: 1" + 400 * "0" + "},"),
        ("  - {property: modes, value: [full, delta]}", "  - {property: appendOnly, value: true}"),
        (
            "customProperties:\n",
            "customProperties:\n  - {property: a, value: [[&a {<<: {b: 1}, b: 2}]]}\n  - {property: c, value: {<<: *a}}\n",
        ),
    ],
    ids=["a large bound", "nothing is removed", "a reference to what takes another's place"],
)
def test_a_contract_that_says_what_can_be_held_to_is_read(tmp_path: Path, mark: str, text: str) -> None:
    contract = read_contract(with_text(tmp_path, mark, text))
    assert contract.modes == (("delta",) if contract.is_append_only else ("full", "delta"))


def test_a_number_may_have_codes_that_are_numbers(tmp_path: Path) -> None:
    path = with_text(
        tmp_path, "logicalType: integer,", "logicalType: integer, enum: [{value: 1}, {value: 2}],"
    )
    codes = {column.codes for extract in read_contract(path).extracts for column in extract.columns}
    assert ("1", "2") in codes


def test_a_property_stated_twice_is_told(tmp_path: Path) -> None:
    ours = "    customProperties:\n" + "".join(
        f"      - {{property: mostRows, value: {most}}}\n" for most in (10, 1000)
    )
    path = with_text(tmp_path, "    quality:\n", f"{ours}    quality:\n")
    with pytest.raises(UserError, match="property mostRows is stated twice"):
        read_contract(path)


def test_a_contract_without_an_extract_is_told(tmp_path: Path) -> None:
    path = tmp_path / "nav.yaml"
    text = files("akrim.contracts").joinpath("nav.yaml").read_text(encoding="utf-8")
    path.write_text(text.partition("schema:\n")[0], encoding="utf-8")
    with pytest.raises(UserError, match="no extract"):
        read_contract(path)


def test_a_contract_may_set_its_own_limits(tmp_path: Path) -> None:
    path = tmp_path / "nav.yaml"
    limits: dict[str, float] = {
        "mostRows": 11,
        "largestExpansion": 12,
        "largestUnpackedBytes": 13,
        "largestFileBytes": 14,
    }
    limits |= {"fewestRows": 15, "fewestShare": 0.75, "mostShare": 3}
    ours = "".join(f"      - {{property: {name}, value: {value}}}\n" for name, value in limits.items())
    text = files("akrim.contracts").joinpath("nav.yaml").read_text(encoding="utf-8")
    mark = "    quality:\n"
    path.write_text(text.replace(mark, "    customProperties:\n" + ours + mark, 1), encoding="utf-8")
    extract = read_contract(path).extracts[0]
    assert [
        extract.most_rows,
        extract.largest_expansion,
        extract.largest_unpacked_bytes,
        extract.largest_file_bytes,
        extract.fewest_rows,
        extract.fewest_share,
        extract.most_share,
    ] == [11, 12, 13, 14, 15, 0.75, 3]
