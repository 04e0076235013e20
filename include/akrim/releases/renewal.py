"""Why a period was assessed anew: which pinned inputs are others than those of the revision before."""

from typing import Any

from akrim.contracts import DECISIONS_SENDER
from akrim.ledger import Pins
from akrim.report import Renewal

# What the report calls each pinned input; what is not here is told of by another.
INPUTS = {
    "extracts": "confirmations",
    "link_decisions": "links",
    "corrections": "corrections",
    "withheld": "matrix",
    "told_nationally": "matrix",
    "model": "model",
    "rules": "rules",
    "code": "code",
    "settings": "settings",
}
# The same extracts may compare otherwise: an earlier period's delivery came late, was corrected or was withdrawn.
COMPARED = "compared"


def renewal(pins: Pins, before: Pins) -> Renewal:
    """What is new of a revision's inputs since the one before.

    That somebody decided is told, and not who: a centre's form is no other centre's to know.
    """
    then, now = before.inputs, pins.inputs
    delivered = [agency for agency in now["deliveries"] if _differ("deliveries", agency, then, now)]
    # Of what is delivered follows how its extracts compare with what was delivered before.
    compared = [agency for agency in now["extracts"] if _differ("extracts", agency, then, now)]
    are_confirmed = [
        _confirmed(then, agency) != _confirmed(now, agency) for agency in compared if agency not in delivered
    ]
    others = [INPUTS[key] for key in INPUTS if key != "extracts" and now.get(key) != then.get(key)]
    return Renewal(
        previous=before.release_id,
        is_recalled=now.get("is_previous_recalled", False),
        agencies=tuple(agency for agency in delivered if agency != DECISIONS_SENDER),
        inputs=tuple(
            dict.fromkeys(
                [
                    *(["decisions"] if DECISIONS_SENDER in delivered else []),
                    *([INPUTS["extracts"]] if any(are_confirmed) else []),
                    *([COMPARED] if not all(are_confirmed) else []),
                    *others,
                ]
            )
        ),
    )


def _differ(key: str, agency: str, then: dict[str, Any], now: dict[str, Any]) -> bool:
    return bool(now[key].get(agency) != then.get(key, {}).get(agency))


def _confirmed(inputs: dict[str, Any], agency: str) -> set[str]:
    extracts: dict[str, Any] = inputs.get("extracts", {}).get(agency, {})
    return {name for name, known in extracts.items() if known["is_confirmed"]}
