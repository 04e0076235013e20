"""What the sharing matrix kept from the assessment or from the centre, and how the report says so."""

from typing import NamedTuple

from akrim.report.wording import Words
from akrim.sharing import Tables


class Withheld(NamedTuple):
    """Rules that cannot be told, and by agency and category of data what is told instead: `nothing` or `hit`."""

    rules: frozenset[str]
    data: dict[tuple[str, str], str]


def withheld_from(tables: Tables, whom: str) -> Withheld:
    """What is kept from the assessment, or from the centre whose tables these are."""
    rules, data = (
        [row for row in table.to_pylist() if row["withheld_from"] == whom]
        for table in (tables["withheld_rules"], tables["withheld_data"])
    )
    return Withheld(
        frozenset(row["indicator_code"] for row in rules),
        {(row["agency"], row["category"]): row["told"] for row in data},
    )


def in_words(withheld: Withheld, words: Words) -> str:
    """The agencies with what of theirs is kept back, in one line."""
    by_agency: dict[str, list[str]] = {}
    for (agency, category), told in sorted(withheld.data.items()):
        name = words.label("data_category", category)
        by_agency.setdefault(words.agency(agency), []).append(
            words("withheld_hit", category=name) if told == "hit" else name
        )
    return "; ".join(f"{agency}: {', '.join(names)}" for agency, names in by_agency.items())
