"""Which agencies there are: those with a contract."""

from akrim.contracts import load_contracts
from akrim.errors import UserError


def check_agency(agency: str) -> str:
    """The same name; raises UserError where no such agency delivers."""
    if agency not in load_contracts():
        raise UserError(
            f"There is no agency {agency!a}.", "AGENCY", f"Name one of {', '.join(load_contracts())}."
        )
    return agency
