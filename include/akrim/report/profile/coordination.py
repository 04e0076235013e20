"""Who knows a person and who works on him: what the centre's agencies need to know of one another."""

from akrim.report.profile.facts import Facts
from akrim.report.wording import Words


def coordination_of(person_id: str, facts: Facts, words: Words) -> list[str]:
    """One sentence per thing known; empty where the person is not assessed."""
    rows = facts.coordination.get(person_id)
    if not rows:
        return []
    (row,) = rows
    knowing, opened = (
        words.listing(words.agencies(row[f"agencies_{key}"])) for key in ("that_know", "with_open_matters")
    )
    found = [words("known_by", agencies=knowing)] if knowing else []
    if opened:
        found.append(
            words("open_with", agencies=opened, matters=words.counted("matter", row["open_matters"]))
        )
    else:
        found.append(words("open_none"))
    if row["enterprises_controlled_twice"]:
        enterprises = words.counted("enterprise", row["enterprises_controlled_twice"])
        found.append(words("controlled_twice", enterprises=enterprises))
    if row["last_control_date"]:
        found.append(words("last_control", date=words.day(row["last_control_date"])))
    if row["nobody_works_on"]:
        found.append(words("nobody_works_on"))
    return found
