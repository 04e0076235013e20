"""An extract's suite: the contract's expectations in the order of the specification, then the agency's own module."""

from copy import copy
from importlib import import_module
from importlib.util import find_spec

import great_expectations as gx
from akrim.contracts import Extract
from great_expectations.expectations.expectation import Expectation

from expectations.from_contract import contract_expectations


def suite_for(extract: Extract) -> gx.ExpectationSuite:
    """The suite that the extract's rows in the scratch schema are validated with.

    An expectation's severity decides the consequence: `critical` sets the row aside, `warning` is noted.
    """
    return gx.ExpectationSuite(
        name=extract.table, expectations=[*contract_expectations(extract), *_beyond_contract(extract)]
    )


def _beyond_contract(extract: Extract) -> list[Expectation]:
    """BEYOND_CONTRACT[extract] of the module named after the agency, if there is one."""
    name = f"expectations.{extract.agency}"
    if find_spec(name) is None:
        return []
    # An expectation belongs to one suite, and each delivery has suites of its own.
    return [copy(expectation) for expectation in import_module(name).BEYOND_CONTRACT.get(extract.name, [])]
