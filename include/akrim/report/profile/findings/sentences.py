"""What a rule says of a person in one sentence, in the reader's language, made from what a centre's tables have of it.

The marts have the same sentence in two languages, for those who read tables.
"""

from akrim.report.profile.facts import Facts, Row
from akrim.report.wording import DASH, Words, clean

STATE = "restanser"
# As intermediate.disputed_rules has it: it cannot be left out for one person alone, so that a case closed leaves rules unchecked, too.
EMPLOYMENTS = "arbeidsforhold"


def found(observation: Row, words: Words) -> str:
    """What a rule that fired has found."""
    evidence = observation["evidence"]
    dated = [item for item in evidence if item.get("date")]
    days = sorted(item["date"] for item in dated)
    # Arrears are a state on the cut-off date: where something happened, the day is that of what happened.
    last = max(
        (item["date"] for item in dated if item["extract"] != STATE), default=days[-1] if days else None
    )
    sentence = words.label("rule_explanation", observation["indicator_code"]).format(
        value=words.number(round(observation["value"])),
        enterprises=len({item["orgnr"] for item in evidence if item.get("orgnr")}),
        first_date=words.iso_day(days[0]) if days else DASH,
        last_date=words.iso_day(last) if last else DASH,
    )
    return clean(sentence)


def unchecked(observation: Row, facts: Facts, words: Words) -> str:
    """Why a rule could not be checked or is not told: data that may not be used or did not come, or what the person disputes."""
    rule = facts.rules[observation["indicator_code"]]
    if observation["checked"] != "unavailable":
        return clean(words.label("unmet", observation["checked"]))
    if not_shared := facts.reach.withheld_agencies(rule):
        return _without("not_shared", words.agencies(",".join(not_shared)), words)
    if wanting := {
        agency: found for agency in sorted(rule.agencies) if (found := facts.reach.wanting(agency, rule))
    }:
        return _without(
            "not_delivered", [_wanting(agency, found, words) for agency, found in wanting.items()], words
        )
    disputed = {
        dispute["agency"]
        for dispute in facts.disputes.get(observation["person_id"], [])
        if (dispute["is_open"] or dispute["extract"] == EMPLOYMENTS)
        and f"{dispute['agency']}/{dispute['extract']}" in rule.extracts
    }
    if not disputed:  # what is disputed is a row that the centre may not know of
        return clean(words.label("unmet", "withheld"))
    return _without("disputed", words.agencies(",".join(disputed)), words)


def _wanting(agency: str, reasons: list[tuple[str, Row]], words: Words) -> str:
    told = (
        f"{row['extract']}: {words.extract_state(reason, row)}"
        if row["extract"]
        else words.extract_state(reason, row)
        for reason, row in reasons
    )
    (named,) = words.agencies(agency)
    return f"{named} ({'; '.join(told)})"


def _without(why: str, agencies: list[str], words: Words) -> str:
    return clean(words.label("unmet", why).format(agencies=", ".join(agencies)))
