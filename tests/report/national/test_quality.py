"""What the national report says of how evenly rules and linkage work."""

import pyarrow as pa
from akrim.report.blocks import Table
from akrim.report.national.quality import fairness
from akrim.report.wording import Words


def test_the_youngest_come_first_and_what_has_no_text_last() -> None:
    subgroups = ["25_34", "65_and_over", "under_25", "unknown"]
    rows = [
        {"characteristic": kind, "subgroup": name, "ratio_to_all": 1.0, "missed_links_pct": None}
        for kind, name in [
            ("name_frequency", "unknown"),
            *(("age_band", name) for name in subgroups),
            ("number_kind", "none"),
        ]
    ]
    blocks = fairness({"national_fairness": pa.Table.from_pylist(rows)}, Words("en"))
    (table,) = [block for block in blocks if isinstance(block, Table)]
    assert [row[0] for row in table.rows] == [
        "Person number: without a valid number", "Age: under 25", "Age: 25–34", "Age: 65 and over", "Age: unknown", "Family name: unknown",
    ]  # fmt: skip


def test_a_group_of_which_nothing_can_be_told_has_no_row() -> None:
    row = {
        "characteristic": "age_band",
        "subgroup": "under_25",
        "ratio_to_all": None,
        "missed_links_pct": None,
    }
    told = row | {"subgroup": "25_34", "missed_links_pct": 2.0}
    for rows, left in (([row, told], ["Age: 25\u201334"]), ([row], [])):
        blocks = fairness({"national_fairness": pa.Table.from_pylist(rows)}, Words("en"))
        (table,) = [block for block in blocks if isinstance(block, Table)]
        assert [shown[0] for shown in table.rows] == left
    assert table.empty == "The groups are too small to compare."
