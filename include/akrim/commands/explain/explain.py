"""`akrim explain`: why these records are one person, and on which source rows each observation rests.

It takes a person id, current or merged since, and shows the records and their links, each indicator that fired with its
sentence and evidence, and what speaks for the person. It changes nothing, and logs that somebody looked.
"""

from typing import Annotated

import typer

from akrim import warehouse
from akrim.commands.audit.consulting import ByOption, PersonArgument, PurposeOption
from akrim.commands.explain.explain_page import show
from akrim.commands.languages import LanguageOption
from akrim.commands.output import JsonOption, print_json, visible_within
from akrim.settings import get_settings


def explain(
    person_id: PersonArgument,
    release_id: Annotated[
        str, typer.Option("--release", help="The release; the newest published one if none.")
    ] = "",
    language: LanguageOption = None,
    by: ByOption = "",
    purpose: PurposeOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show how records became one person, who came near, which indicators fired, and on which source rows.

    Use it before a decision, and when somebody contests one: every point leads back to an agency's own row. That you looked
    is logged.

    Example: akrim explain PWLZH2L6IA73S --purpose 'objection 2026-14'
    """
    from akrim.insight import read_explanation

    warehouse.prepare()
    chosen = language or get_settings().language
    explanation = read_explanation(person_id, release_id, chosen, by, purpose, shows_near=True)
    if as_json:
        print_json(explanation)
    else:
        show(visible_within(explanation), chosen)
