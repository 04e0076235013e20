"""A person in short: what the rules of intention found, the weightiest first, as one plain sentence."""

from collections.abc import Iterable

from akrim.report.profile.facts import Row
from akrim.report.wording import DASH, Words

MAX_FINDINGS = 3
# What a rule says of the same facts more fully than another.
SAID_BY = {"bankruptcy": "serial_bankruptcy"}
# What is so on the cut-off date: the days in the evidence are not when it happened.
STATES = {"tax_arrears", "compulsory_dissolution"}


def brief(observations: Iterable[Row], words: Words) -> str:
    """Such as `Led 3 enterprises that went bankrupt (2019–2022); 2 severe inspections (2021).`; empty where nothing fired.

    Args:
        observations: the person's, with their evidence as rows.
    """
    fired = {
        row["indicator_code"]: row
        for row in observations
        if row["checked"] == "fired" and row["dimension"] == "intention"
    }
    told = [row for code, row in fired.items() if SAID_BY.get(code) not in fired]
    told.sort(key=lambda row: (-(row["points"] or 0), row["indicator_code"]))
    sentence = "; ".join(_finding(row, words) for row in told[:MAX_FINDINGS])
    return f"{sentence[:1].upper()}{sentence[1:]}." if sentence else ""


def _finding(row: Row, words: Words) -> str:
    code = row["indicator_code"]
    if f"brief_{code}_one" not in words.texts:
        return words.rule_name(code)
    text = words.counted(f"brief_{code}", round(row["value"]))
    years = sorted({item["date"][:4] for item in row["evidence"] if item.get("date")})
    if not years or code in STATES:
        return text
    first_and_last = dict.fromkeys((years[0], years[-1]))
    return f"{text} ({DASH.join(first_and_last)})"
