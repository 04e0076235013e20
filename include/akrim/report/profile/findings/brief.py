"""A person in one or two plain sentences: what the rules of intention found, weightiest first and always a recent conviction, and what is led now."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from akrim.report.profile.facts import Facts, Row
from akrim.report.wording import DASH, Words, clean
from akrim.rules import Rule

MAX_FINDINGS = 3
MAX_INDUSTRIES = 2
# What a rule says of the same facts more fully than another.
SAID_BY = {"bankruptcy": "serial_bankruptcy"}
# Rows whose day is none on which something happened.
STATES = {"restanser", "roller"}
# A conviction of the last twelve months is told, however little it weighs beside the rest.
CONVICTED, RECENTLY = "convicted", timedelta(days=365)


def in_short(person_id: str, facts: Facts, words: Words) -> str:
    """Such as `Three bankruptcies of enterprises that the person led (2019–2022). Leads one enterprise in operation (painting).`

    Of whom nothing else is told, that no rule has given points, where none has.
    """
    said = (
        findings(facts.observations[person_id], facts.rules, facts.as_of, words),
        leads(facts.led_now(person_id), words),
        *_stands_in(person_id, facts, words),
    )
    told = " ".join(filter(None, said))
    return told or ("" if facts.has_points(person_id) else words("indicators_none"))


def _stands_in(person_id: str, facts: Facts, words: Words) -> Iterator[str]:
    """For whom the person probably stands in, or did in what is no more: it weighs on what was found."""
    ties = [tie for tie in facts.fronts_of(person_id) if tie["front_person_id"] == person_id]
    now = {tie["person_id"] for tie in ties if not facts.has_ended(tie["orgnr"])}
    behind = {tie["person_id"]: facts.names.get(tie["person_id"], "") for tie in ties}
    for key, is_now in (("brief_stands_in", True), ("brief_stood_in", False)):
        named = [name for other, name in behind.items() if name and (other in now) == is_now]
        if named:
            yield words(key, names=words.listing(named))


def findings(observations: Iterable[Row], rules: Mapping[str, Rule], as_of: date, words: Words) -> str:
    """What was found as one sentence, and whether some of it was where the person only probably is in charge; empty where nothing fired.

    Args:
        observations: the person's, with their evidence as rows.
        rules: the published ones; of one that does not look back, the days in the evidence are not when it happened.
    """
    fired = {
        row["indicator_code"]: row
        for row in observations
        if row["checked"] == "fired" and row["dimension"] == "intention"
    }
    told = [row for code, row in fired.items() if SAID_BY.get(code) not in fired]
    told.sort(key=lambda row: (-(row["points"] or 0), row["indicator_code"]))
    said = [*told[:MAX_FINDINGS], *(row for row in told[MAX_FINDINGS:] if _newest_conviction(row, as_of))]
    if not said:
        return ""
    sentence = "; ".join(_finding(row, rules, as_of, words) for row in said)
    is_inferred = any(item.get("through_another") for row in said for item in row["evidence"])
    return f"{sentence[:1].upper()}{sentence[1:]}." + (f" {words('brief_inferred')}" if is_inferred else "")


def leads(enterprises: Iterable[Row], words: Words) -> str:
    """How many enterprises in operation the person leads, with the commonest industries; empty where the centre is told of none."""
    led = list(enterprises)
    if not led:
        return ""
    industries = Counter(clean(row["industry_name"]).lower() for row in led if row["industry_name"])
    commonest = sorted(industries, key=lambda name: (-industries[name], name))[:MAX_INDUSTRIES]
    return words.told("brief_leads", len(led), industries=f" ({', '.join(commonest)})" if commonest else "")


def _newest_conviction(row: Row, as_of: date) -> str | None:
    """The ISO day of the newest conviction where it is of the last twelve months."""
    days = [item["date"][:10] for item in row["evidence"] if item.get("date")]
    is_recent = row["indicator_code"] == CONVICTED and days and max(days) >= (as_of - RECENTLY).isoformat()
    return max(days) if is_recent else None


def _years(evidence: Iterable[Row]) -> list[str]:
    """In which years it happened: arrears are of the cut-off date, and a role may be older than what was found; unless nothing else is told."""
    dated = [item for item in evidence if item.get("date")]
    happened = [item for item in dated if item.get("extract") not in STATES]
    return sorted({item["date"][:4] for item in happened or dated})


def _finding(row: Row, rules: Mapping[str, Rule], as_of: date, words: Words) -> str:
    code = row["indicator_code"]
    if f"brief_{code}_one" not in words.texts:
        return words.rule_name(code)
    text = words.told(f"brief_{code}", round(row["value"]))
    years = _years(row["evidence"])
    if not years or (code in rules and not rules[code].look_back):
        return text
    when = DASH.join(dict.fromkeys((years[0], years[-1])))
    if newest := _newest_conviction(row, as_of):
        day = words.iso_day(newest)
        when = day if len(row["evidence"]) == 1 else words("brief_newest", years=when, date=day)
    return f"{text} ({when})"
