"""The sharing matrix: which kinds of an agency's data may reach whom, and on which legal basis; by default nothing does."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from akrim.contracts import DECISIONS_SENDER, NATIONAL, all_extracts, centres, load_contracts

# `nominators`: the agency that nominated, which is told what became of its own nominations.
ASSESSMENT, CENTRES, NOMINATORS = "assessment", "centres", "nominators"
Share = Literal["content", "hit"]
Stated = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=400)]
DECISIONS = f"{DECISIONS_SENDER}.decision"
Withheld = dict[str, dict[str, str]]
TOLD = ("nothing", "hit", "content")


class Line(BaseModel):
    """One line: some categories of one agency's data, to these recipients, for this purpose, on this basis."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    line: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{2,39}$")]
    agency: str = Field(alias="from")
    categories: tuple[str, ...] = Field(min_length=1)
    to: tuple[str, ...] = Field(min_length=1)
    share: Share
    purpose: str
    basis: Stated
    proportionality: Stated
    from_date: date
    until_date: date | None = None
    question: Stated | None

    def is_in_force(self, on: date) -> bool:
        """Whether the line allows anything on that day; its last day counts."""
        return self.from_date <= on and (self.until_date is None or on <= self.until_date)


class Matrix(BaseModel):
    """The whole matrix."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    status: Literal["working assumption", "approved"]
    approved_by: Stated | None = None
    purposes: dict[str, Stated]
    lines: tuple[Line, ...]

    def withheld(self, on: date) -> Withheld:
        """What is kept from whom on that day: by recipient, `agency.category` and `nothing` or `hit` for what may be told.

        The recipients are the assessment and each centre; one that everything reaches is left out.
        """
        told = {recipient: self._told(recipient, on) for recipient in (ASSESSMENT, *centres())}
        everything = sorted(classified())
        found = {
            recipient: {
                data: shares.get(data, "nothing") for data in everything if shares.get(data) != "content"
            }
            for recipient, shares in told.items()
        }
        return {recipient: kept for recipient, kept in found.items() if kept}

    def told_nationally(self, on: date) -> list[str]:
        """The `agency.category` of the data that what is told of persons nationally may rest on, that day.

        A centre is told all but what is withheld from it. Nationally nothing is told but what stands here.
        """
        return sorted(self._told(NATIONAL, on).keys() & self._told(ASSESSMENT, on).keys())

    def answers_nominators(self, on: date) -> bool:
        """Whether an agency may be told that day what the centres have answered to its own nominations."""
        return DECISIONS in self._told(NOMINATORS, on).keys() & self._told(ASSESSMENT, on).keys()

    def at_the_door(self, agency: str, on: date) -> frozenset[str]:
        """The categories of the agency's data that may not even be taken in."""
        told = self._told(ASSESSMENT, on)
        return frozenset(
            category
            for of, category in map(split, classified())
            if of == agency and f"{of}.{category}" not in told
        )

    def unsettled(self) -> list[str]:
        """The `agency.category` of contracts' fields that no line names for the assessment, in force or not."""
        named = {
            f"{line.agency}.{category}"
            for line in self.lines
            for category in line.categories
            if ASSESSMENT in line.to
        }
        return sorted(classified() - named)

    def _told(self, recipient: str, on: date) -> dict[str, Share]:
        """What reaches the recipient; addresses only where it is known whose are protected."""
        told = self._by_lines(recipient, on)
        known = self._by_lines(ASSESSMENT, on)
        if not _protections() <= known.keys():
            return {data: share for data, share in told.items() if split(data)[1] != "address"}
        return told

    def _by_lines(self, recipient: str, on: date) -> dict[str, Share]:
        names = {recipient} | ({CENTRES} if recipient in centres() else set())
        told: dict[str, Share] = {}
        if recipient == ASSESSMENT:
            told |= dict.fromkeys(_by_contract({line.agency for line in self.lines}), "content")
        for line in self.lines:
            if line.is_in_force(on) and names & set(line.to):
                for category in line.categories:
                    data = f"{line.agency}.{category}"
                    told[data] = "content" if "content" in (line.share, told.get(data)) else "hit"
        return told


def is_withheld_more(before: Withheld | None, now: Withheld) -> bool:
    """Whether anything is kept from anybody now that was told before, or of which more was; not known where `before` is None."""
    return before is not None and any(
        TOLD.index(told) < TOLD.index(before.get(recipient, {}).get(data, "content"))
        for recipient, kept in now.items()
        for data, told in kept.items()
    )


def classified() -> frozenset[str]:
    """`agency.category` of every field of every contract."""
    return frozenset(
        f"{extract.agency}.{column.category}" for extract in all_extracts() for column in extract.columns
    )


def split(data: str) -> tuple[str, str]:
    """The agency and the category of `agency.category`."""
    agency, _, category = data.partition(".")
    return agency, category


def _by_contract(in_matrix: set[str]) -> Iterator[str]:
    """The data of an agency whom the matrix does not know yet, of extracts that state a legal basis in their contract."""
    for agency in load_contracts().keys() - in_matrix:
        for extract in load_contracts()[agency].extracts:
            if extract.legal_basis:
                yield from (f"{agency}.{column.category}" for column in extract.columns)


def _protections() -> frozenset[str]:
    return frozenset(data for data in classified() if split(data)[1] == "protection")
