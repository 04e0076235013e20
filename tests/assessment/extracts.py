"""Which extracts a rule uses, by the SQL that it rests on; its YAML block says so too."""

import re
from collections.abc import Mapping

from akrim.rules.foundations import Part

# These tell a rule who somebody is and who stands in for whom, not what agencies report about the person: without them the rule
# can be checked all the same.
IDENTITY_MODELS = frozenset(
    f"model {name}"
    for name in ("person_links", "persons_described", "homes_of_persons", "disputed_facts", "straw_men")
)
STATE = re.compile(r"state\('(\w+)', '(\w+)'\)")
FACTS_OF_PERSONS = frozenset(
    {"involverte", "saker", "kontroller", "restanser", "arbeidsforhold", "lonnsgaranti"}
)


def extracts_used(code: str, parts: Mapping[str, Part]) -> frozenset[str]:
    """The extracts whose rows a rule uses, as agency/extract; with facts of persons, `personer` too."""
    found: set[str] = set()
    pending = set(parts[f"model {code}"].reads)
    while pending:
        found |= pending
        pending = {name for part in pending - IDENTITY_MODELS for name in parts[part].reads} - found
    read = {pair for name in found - IDENTITY_MODELS for pair in STATE.findall(parts[name].text)}
    bearing = {(agency, "personer") for agency, extract in read if extract in FACTS_OF_PERSONS}
    return frozenset(f"{agency}/{extract}" for agency, extract in read | bearing)
