"""Who may do what on the pages: roles by the setting AKRIM_PAGE_ROLES, for users that Airflow's auth manager has signed in.

Airflow does not sign in to what a plugin serves, so that every route asks here. Nobody may anything without a role, and
no role anything that RIGHTS does not give it (docs/adr/0026-pages-are-signed-in-by-airflow-and-rights-come-by-role.md).
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from fastapi import Depends, Form, HTTPException, Request

from akrim.browser.forgery import check_origin
from akrim.settings import get_settings

# Why somebody settles or decides something, as the log keeps it.
Reason = Annotated[str, Form(min_length=1, max_length=500)]


class Right(StrEnum):
    """What a route can ask for."""

    DELIVERIES = "deliveries"  # what came, in figures and reasons
    SETTLE = "settle"  # confirm an extract, withdraw a delivery, have it read again
    ROWS = "rows"  # rows that were set aside, as sent, or sealed for their agency
    LINKS = "links"  # pairs of records that wait, and a verdict on them
    CONFLICTS = "conflicts"  # pairs on which two clerks disagree, to settle
    PERSONS = "persons"  # persons on the centres' lists, one at a time
    RELEASES = "releases"  # releases, in figures
    DECIDE = "decide"  # let a held release go, take one back
    EVERY_CENTRE = "every_centre"  # those figures of every centre, not of one's own alone
    RULES = "rules"  # the rules as published, and by which numbers each release was assessed
    TRY_RULES = "try_rules"  # who would move by other thresholds, in figures
    OVERSIGHT = "oversight"  # what became of those whom the rules pointed at, in figures
    FILES = "files"  # the files of the centre that one leads


class Role(StrEnum):
    """What somebody is, by the setting; a leader is one of a centre, `leader:oslo`."""

    OPERATOR = "operator"
    CLERK = "clerk"
    LEAD_CLERK = "lead_clerk"
    ANALYST = "analyst"
    AUDITOR = "auditor"
    LEADER = "leader"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OPERATOR: frozenset(
        {
            Right.DELIVERIES,
            Right.SETTLE,
            Right.ROWS,
            Right.RELEASES,
            Right.DECIDE,
            Right.EVERY_CENTRE,
            Right.RULES,
            Right.TRY_RULES,
            Right.OVERSIGHT,
        }
    ),
    Role.CLERK: frozenset({Right.LINKS}),
    Role.LEAD_CLERK: frozenset({Right.LINKS, Right.CONFLICTS}),
    Role.ANALYST: frozenset(
        {Right.DELIVERIES, Right.PERSONS, Right.RELEASES, Right.EVERY_CENTRE, Right.RULES, Right.TRY_RULES}
    ),
    Role.AUDITOR: frozenset(
        {Right.DELIVERIES, Right.RELEASES, Right.EVERY_CENTRE, Right.RULES, Right.OVERSIGHT}
    ),
    Role.LEADER: frozenset({Right.RELEASES, Right.FILES, Right.RULES}),
}


@dataclass(frozen=True)
class Reader:
    """Whoever is signed in: the auth manager's name for them, their roles, and the centres that they lead."""

    name: str
    roles: frozenset[Role]
    centres: tuple[str, ...] = ()

    def may(self, right: Right) -> bool:
        return any(right in RIGHTS[role] for role in self.roles)


async def signed_in(request: Request) -> Reader:
    """Whoever asks for something; every route of the application depends on it.

    Raises HTTPException 401 where the cookie names nobody, and 403 where a request that may change something does not come
    from a page of that user's.
    """
    reader = await named_by_cookie(request)
    await check_origin(request, reader.name)
    return reader


async def named_by_cookie(request: Request) -> Reader:
    """Whoever the cookie of Airflow's pages names; raises HTTPException 401 where it names nobody.

    A token in a header is not looked at: these pages are for browsers.
    """
    from airflow.api_fastapi.core_api.security import get_user

    try:
        user = await get_user(request, None, None)
    except HTTPException:
        raise HTTPException(401) from None
    return _reader(user.get_name())


def may(right: Right) -> Callable[[Reader], Reader]:
    """A route's dependency: whoever is signed in and has that right; raises HTTPException 403 for others."""

    def permitted(reader: Annotated[Reader, Depends(signed_in)]) -> Reader:
        if not reader.may(right):
            raise HTTPException(403)
        return reader

    return permitted


def _reader(name: str) -> Reader:
    given = [role.partition(":") for role in get_settings().page_roles.get(name, [])]
    return Reader(
        name,
        frozenset(Role(role) for role, _, _ in given),
        tuple(sorted(centre for _, _, centre in given if centre)),
    )
