"""GoldenMatch on person records, for `benchmarks/linkage.py`; runs in an environment of its own (`make goldenmatch`).

    .venv-goldenmatch/bin/python benchmarks/golden_match.py none|named|written RECORDS.parquet MEMBERSHIP.parquet

Into MEMBERSHIP go unique_id and cluster_id of every record, and on the last line it prints what that took, as JSON. With
`none` GoldenMatch chooses all by itself; with `named` too, but the columns bear the names of its own guide, by which it
guesses what they hold; with `written` it follows a configuration as a careful person would write one from that guide.
Where it declines its own choice, the JSON says so under `refused`, and there is no file.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

# Its guide's own advice where figures are kept: nothing remembered from earlier runs, no choice that depends on how fast the
# machine is, and no quiet fallback where its compiled part is missing. All are read at import.
os.environ |= {
    "GOLDENMATCH_AUTOCONFIG_MEMORY": "0",
    "GOLDENMATCH_AUTOCONFIG_DETERMINISTIC": "1",
    "GOLDENMATCH_NATIVE": "1",
}

import goldenmatch as gm
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from goldenmatch.core.autoconfig_controller import ControllerNotConfidentError

NAMES_OF_ITS_GUIDE = {
    "identifier": "national_id",
    "given_name": "first_name",
    "family_name": "last_name",
    "birth_date": "dob",
    "street_address": "address",
    "postcode": "zip",
    "municipality_code": "city",
    "phone": "phone",
}
LOWERED = ["lowercase", "strip"]
NAME = {
    "scorer": "jaro_winkler",
    "transforms": LOWERED,
    "levels": 4,
    "level_thresholds": [0.95, 0.88, 0.7],
    "tf_adjustment": True,
}
# Dates by edit distance, as its own choice is: its scorer for dates has no compiled form and takes many times as long.
FIELDS = {
    "first_name": NAME,
    "last_name": NAME,
    "dob": {"scorer": "levenshtein", "transforms": ["strip"], "levels": 3, "partial_threshold": 0.85},
    "address": {"scorer": "token_sort", "transforms": LOWERED, "levels": 3, "partial_threshold": 0.8},
    "zip": {"scorer": "exact", "transforms": ["strip"]},
    "city": {"scorer": "jaro_winkler", "transforms": LOWERED, "levels": 3, "partial_threshold": 0.85},
    "phone": {"scorer": "exact", "transforms": ["digits_only"]},
    "national_id": {"scorer": "levenshtein", "transforms": ["strip"], "levels": 3, "partial_threshold": 0.85},
}
# It trains on the pairs that these find, so none finds households: their names would pass for one person's.
PASSES = (
    ("national_id",), ("first_name", "last_name"), ("first_name", "dob"), ("last_name", "dob"), ("dob", "zip"),
    ("first_name", "zip"), ("first_name", "address"), ("dob", "address"), ("first_name", "city"), ("dob", "city"),
)  # fmt: skip
LARGEST_BLOCK = 1000


def main() -> None:
    setup, records, membership = sys.argv[1], *map(Path, sys.argv[2:])
    began, worked_before = time.monotonic(), time.process_time()
    keys, table = read(records, renamed=setup != "none")
    try:
        found = gm.dedupe_df(table, config=written(table.column_names) if setup == "written" else None)
    except ControllerNotConfidentError as refusal:
        spent: dict[str, Any] = {"refused": str(refusal).partition("\n")[0]}
    else:
        spent = {}
        pq.write_table(pa.table({"unique_id": keys, "cluster_id": clusters(found, len(table))}), membership)
    spent |= {
        "version": gm.__version__,
        "seconds": round(time.monotonic() - began, 2),
        "processor_seconds": round(time.process_time() - worked_before, 2),
        "peak_memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(json.dumps(spent))


def read(records: Path, renamed: bool) -> tuple[pa.ChunkedArray, pa.Table]:
    """The keys, and as text the columns that are filled in more than one of a hundred records, blanks as missing."""
    held = pq.read_table(records)
    columns = {}
    for ours, its in NAMES_OF_ITS_GUIDE.items():
        if ours in held.column_names:
            text = pc.utf8_trim_whitespace(held[ours].cast(pa.string()))
            filled = pc.if_else(pc.equal(text, ""), None, text)
            if filled.null_count < 0.99 * len(filled):
                columns[its if renamed else ours] = filled
    keys = pc.binary_join_element_wise(
        held["source"].cast(pa.string()), held["source_record_id"].cast(pa.string()), "/"
    )
    return keys, pa.table(columns)


def written(held: list[str]) -> gm.GoldenMatchConfig:
    """Fellegi and Sunter's model, which its guide has for persons, over all columns that are held, and blocking by two
    columns at a time. A pass is additive, so that a column it blocks by still counts as evidence."""
    passes = [*({"fields": fields, "transforms": LOWERED} for fields in PASSES if set(fields) <= set(held))]
    passes.append({"fields": ["first_name", "last_name"], "transforms": ["lowercase", "soundex"]})
    keys = [gm.BlockingKeyConfig(**one, additive=True) for one in passes]
    fields = [gm.MatchkeyField(field=name, **how) for name, how in FIELDS.items() if name in held]
    return gm.GoldenMatchConfig(
        matchkeys=[gm.MatchkeyConfig(name="person", type="probabilistic", fields=fields)],
        blocking=gm.BlockingConfig(
            strategy="multi_pass", keys=keys[:1], passes=keys, max_block_size=LARGEST_BLOCK
        ),
        golden_rules=gm.GoldenRulesConfig(default_strategy="most_complete"),
    )


def clusters(found: gm.DedupeResult, size: int) -> pa.Array:
    """The cluster of each row; one that it names in none is a person of its own."""
    of_row = [f"row {row}" for row in range(size)]
    for cluster, held in found.clusters.items():
        for row in held["members"]:
            of_row[row] = str(cluster)
    return pa.array(of_row)


if __name__ == "__main__":
    main()
