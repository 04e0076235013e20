"""What sections of the report are: their place and papers, and the material that each is built from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from akrim.changes import Change
from akrim.report.blocks import Block, Name, card_anchor, group_anchor
from akrim.report.edition import Earlier, Edition, compared
from akrim.report.profile.facts import Facts
from akrim.report.reference import Reference
from akrim.report.wording import Words, clean
from akrim.sharing import Tables

# The HTML can be searched, the PDF is printed: each has the profiles of so many persons from the top of the list.
PROFILES_IN_HTML = 300
PROFILES_IN_PDF = 25

# The list's first persons, whom the director's PDF has a row of.
LISTED_IN_PDF = 5
# The PDFs, by the names of their files: the director's few pages, and the profiles with all that belongs to them.
Paper = Literal["assessment", "profiles"]


@dataclass(frozen=True)
class Material:
    """What a section is built from.

    Attributes:
        tables: the rows that the centre may see, by mart.
        changes: the changes since the previous release, as in changes.json.
        ranking: the ranked list, an entry for each person.
        earlier: what the centre was sent before.
    """

    edition: Edition
    tables: Tables
    changes: Sequence[Change]
    reference: Reference
    words: Words
    ranking: Sequence[dict[str, Any]]
    earlier: Earlier = field(default_factory=lambda: Earlier({}, {}))

    @cached_property
    def facts(self) -> Facts:
        """What is known about the persons on the list."""
        reference = self.reference
        anchors = {entry["person_id"]: _profile_anchor(entry) for entry in self.ranking}
        return Facts(
            self.tables,
            anchors,
            self.edition.as_of,
            reference.outcomes,
            reference.rules,
            reference.thresholds,
        )

    @cached_property
    def standing(self) -> list[dict[str, Any]]:
        """The entries of the ranked list that are not dismissed."""
        return [entry for entry in self.ranking if not entry["is_dismissed"]]

    @cached_property
    def dismissed(self) -> set[str]:
        """The persons on the list whom the team has dismissed."""
        return {entry["person_id"] for entry in self.ranking if entry["is_dismissed"]}

    @property
    def compared(self) -> tuple[str | None, Sequence[Change]]:
        """The release that readers know the list by, of a revision that of the period before, and what is another since."""
        return compared(self.edition, self.changes)

    def name(self, person_id: str) -> Name:
        """The person's name, linked to the profile; of who has left the list, the name that the centre knew, or the id alone."""
        entry = self._entries.get(person_id)
        if entry is None:
            return Name(self._known_names.get(person_id) or person_id)
        return Name(entry["name"], _profile_anchor(entry))

    def place(self, subject_id: str) -> int:
        """The person's place on the list; whoever is not on it, and every network and enterprise, comes after all."""
        entry = self._entries.get(subject_id)
        return entry["place"] if entry else len(self.ranking) + 1

    def group(self, group_id: str, name: str) -> Name:
        """The name of a network or enterprise, linked to its row in the list of these where it has one."""
        return Name(name, group_anchor(group_id) if group_id in self._groups else "")

    @cached_property
    def _groups(self) -> set[str]:
        networks, enterprises = (self.tables[f"{kind}_assessments"] for kind in ("network", "enterprise"))
        return {*networks["network_id"].to_pylist(), *enterprises["orgnr"].to_pylist()}

    @cached_property
    def _entries(self) -> dict[str, dict[str, Any]]:
        return {entry["person_id"]: entry for entry in self.ranking}

    @cached_property
    def _known_names(self) -> dict[str, str]:
        found = [tables["persons"] for tables in (self.earlier.before, self.tables) if "persons" in tables]
        rows = (row for table in found for row in table.select(["person_id", "full_name"]).to_pylist())
        return {row["person_id"]: clean(row["full_name"]) for row in rows}


def _profile_anchor(entry: dict[str, Any]) -> str:
    """Where the person's profile is on the page; nothing for those too far down the list to have one."""
    return card_anchor(entry["place"]) if entry["place"] <= PROFILES_IN_HTML else ""


@dataclass(frozen=True)
class Section:
    """A section of the report.

    Attributes:
        name: its anchor, and the key of its heading in the texts.
        place: sections are ordered by it.
        build: its blocks; a section without any is left out.
        papers: the PDFs that it is in.
    """

    name: str
    place: int
    build: Callable[[Material], Sequence[Block]]
    papers: Sequence[Paper] = ("profiles",)
