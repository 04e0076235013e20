"""`--language` of commands that print texts."""

from typing import Annotated

import typer

from akrim.texts import LANGUAGES, Language


def _known(language: str) -> Language:
    if language not in LANGUAGES:
        raise typer.BadParameter(f"{language!r} is none of {', '.join(LANGUAGES)}.")
    return language


LanguageOption = Annotated[
    str | None,
    typer.Option(help="Of the words.  [default: AKRIM_LANGUAGE]", parser=_known, metavar="|".join(LANGUAGES)),
]
