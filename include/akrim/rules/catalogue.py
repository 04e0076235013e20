"""The catalogue of rules: every indicator's YAML block, the definitions and the thresholds, read from dbt_project.

It is read from what dbt builds from, so that the published rules and the computed ones cannot differ.
"""

import csv
import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

from akrim.errors import UserError
from akrim.own_yaml import read_own
from akrim.rules import places
from akrim.settings import get_settings
from akrim.texts import LANGUAGES, Language, labels, texts
from akrim.texts.written import figures, in_words


@dataclass(frozen=True)
class Rule:
    """One indicator as published."""

    code: str
    version: int
    dimension: Literal["intention", "capacity"]
    source: str
    legal_basis: str
    agencies: tuple[str, ...]
    # The extracts whose rows it uses, as agency/extract; it can't be checked without them.
    extracts: tuple[str, ...]
    threshold: int
    points: int
    step_size: int
    step_points: int
    cap: int
    valid_from: date
    owner: str
    # By language: name, definition, explanation, and what the name suggests but no delivery contains (cannot_see).
    texts: dict[Language, dict[str, str]]
    # What happened, where several rules tell of it: their points for it are capped together (seed event_caps).
    event: str = ""
    # Years after which what it finds is history and gives no points; 0 for a rule on what is so today.
    look_back: int = 0
    # Whose data of which category its SQL is made from (seed data_origins), which is more than the rows that it uses.
    origins: tuple[tuple[str, str], ...] = ()

    def name(self, language: Language) -> str:
        return self.texts[language]["name"]

    def definition(self, language: Language) -> str:
        return self._said("definition", language)

    def cannot_see(self, language: Language) -> str:
        return self._said("cannot_see", language)

    @property
    def grows(self) -> bool:
        """Whether more of what it finds gives more points."""
        return self.step_points > 0 and self.cap > self.points

    def points_in_words(self, language: Language) -> str:
        """What it gives, and how that grows."""
        if not self.grows:
            return str(self.points)
        words = texts(language, "messages")["catalogue"]
        form: str = words["growing_one" if self.step_size == 1 else "growing"]
        return form.format(**{**vars(self), "step_size": figures(self.step_size, language)})

    def _said(self, part: str, language: Language) -> str:
        """With the rule's own threshold, in words, and the numbers of the definitions in their places."""
        threshold = in_words(self.threshold, language)
        return (
            self.texts[language]
            .get(part, "")
            .format(
                **places.of_definitions(read_seed("definitions"), language),
                threshold=threshold,
                Threshold=threshold.capitalize(),
            )
        )

    @property
    def area(self) -> str:
        """The rule's area, which is its folder: offences, bankruptcy, inspections, tax, benefits or capacity."""
        return self.model_path.parent.name

    @property
    def model_path(self) -> Path:
        """The rule's SQL file."""
        return next(_indicators_path().rglob(f"{self.code}.sql"))


def load_rules() -> list[Rule]:
    """Every rule, in the order of `vars: indicators` in dbt_project.yml; raises UserError where one lacks its block or texts."""
    blocks = {model["name"]: model["config"]["meta"] for model in _models(_indicators_path())}
    origins = defaultdict(list)
    for row in read_seed("data_origins"):
        origins[row["subject"]].append((row["agency"], row["category"]))
    return [
        replace(_rule(code, blocks.get(code, {})), origins=tuple(origins[f"rule.{code}"]))
        for code in indicator_codes()
    ]


def indicator_codes() -> list[str]:
    """The codes of the indicators in dbt_project.yml, in order."""
    settings = read_own(_project() / "dbt_project.yml")
    codes: list[str] = settings["vars"]["indicators"]
    return codes


def read_seed(name: str) -> list[dict[str, str]]:
    """A seed's rows from the repository, all values as text."""
    with (_project() / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def said_of(code_list: str, row: Mapping[str, Any], language: Language) -> str:
    """What is published of a seed's row, with its numbers and those of the definitions in their places.

    Args:
        code_list: its label's, such as `definition` or `event_definition`; the row's first column has the code.
    """
    code = next(iter(row.values()))
    return labels(language)[code_list, code].format(
        **places.of_definitions(read_seed("definitions"), language) | places.of_row(row, language)
    )


def stale_after_days() -> dict[str, int]:
    """After how many days each agency's facts are too old to check anything by; whoever has no limit is left out."""
    rows = read_seed("agencies")
    return {row["agency"]: int(row["stale_after_days"]) for row in rows if row["stale_after_days"]}


def mart_documents() -> dict[str, dict[str, Any]]:
    """The dbt documentation of every mart: its description and its columns."""
    return {model["name"]: model for model in _models(_project() / "models" / "marts")}


def rules_digest() -> str:
    """One hash over the dbt project: models, macros, seeds and project file."""
    root = _project()
    total = hashlib.sha256()
    for path in sorted(p for folder in ("models", "macros", "seeds") for p in (root / folder).rglob("*")):
        if path.suffix in {".sql", ".yml", ".csv"}:
            total.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    total.update((root / "dbt_project.yml").read_bytes())
    return total.hexdigest()


def _rule(code: str, block: dict[str, Any]) -> Rule:
    said = {language: texts(language, "rules")["rule"].get(code) for language in LANGUAGES}
    due = {field.name for field in fields(Rule) if field.default is MISSING} - {"code", "texts"}
    lacking = [f"`{name}` in the YAML file of its area" for name in sorted(due - block.keys())]
    lacking += [f"its texts in {language}/rules.yml" for language, words in said.items() if not words]
    if lacking:
        raise UserError(
            f"The rule {code} is listed and lacks {', '.join(lacking)}.",
            "dbt_project.yml: vars: indicators",
            "CONTRIBUTING.md says what an indicator consists of.",
        )
    lists = {key: tuple(block[key]) for key in ("agencies", "extracts")}
    return Rule(code=code, texts=said, **{**block, **lists})


def _models(folder: Path) -> Iterator[dict[str, Any]]:
    """What the YAML files beside the models of a folder say of each."""
    for path in sorted(folder.rglob("_*.yml")):
        yield from read_own(path).get("models", [])


def _indicators_path() -> Path:
    return _project() / "models" / "indicators"


def _project() -> Path:
    return get_settings().project_root / "dbt_project"
