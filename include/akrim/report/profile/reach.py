"""Which rules a release could check, by the state of the agencies' data and by what the assessment is made without."""

from typing import Any

from akrim.report.withheld import withheld_from
from akrim.rules import Rule
from akrim.sharing import ASSESSMENT, Tables


class Reach:
    """What the release rests on, as the centre is told: how old each agency's data are, and what of them is withheld from the assessment.

    Attributes:
        untold: the rules that are withheld from the centre.
    """

    def __init__(self, tables: Tables) -> None:
        self._withheld = withheld_from(tables, ASSESSMENT)
        withheld = tables["withheld_rules"].to_pylist()
        self.untold = {row["indicator_code"] for row in withheld if row["withheld_from"] != ASSESSMENT}
        self._ages = {row["agency"]: row for row in tables["delivery_ages"].to_pylist()}
        self._extracts = tables["extract_ages"].to_pylist()

    def wanting(self, agency: str, rule: Rule) -> list[tuple[str, dict[str, Any]]]:
        """Why the agency's data do not let the rule be checked: it is missing or too old as a whole, or extracts are wanting.

        Each reason comes with its row, which names an extract or, of a whole agency, none.
        """
        age = self._ages.get(agency)
        if age is None:
            return []
        if age["is_missing"] or age["is_stale"]:
            whole = age | {"extract": None, "rows": None, "rows_usual": None}
            return [("missing" if age["is_missing"] else "stale", whole)]
        found = [
            (row["unavailable_because"], row)
            for row in self._extracts
            if row["agency"] == agency
            and f"{agency}/{row['extract']}" in rule.extracts
            and row["unavailable_because"]
        ]
        return sorted(found, key=lambda reason: reason[1]["extract"])

    def withheld_agencies(self, rule: Rule) -> list[str]:
        """The agencies of whose data the assessment was made without what the rule is made from."""
        if rule.code not in self._withheld.rules:
            return []
        return sorted(
            {agency for agency, category in rule.origins if (agency, category) in self._withheld.data}
        )

    def is_beyond(self, rule: Rule) -> bool:
        """Whether the rule could be checked for nobody."""
        return bool(
            self.withheld_agencies(rule) or any(self.wanting(agency, rule) for agency in rule.agencies)
        )
