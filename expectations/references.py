"""That a decision or report is about what was handed out: a release, and in its centre's part the person or group."""

from collections.abc import Iterator

from akrim.contracts import Column, Extract
from great_expectations.expectations.expectation import Expectation

from expectations.rows import listed, literal, rows_never


def references(extract: Extract) -> Iterator[Expectation]:
    """What a decision names was handed out: the release to all, the person or group to that centre in that very release."""
    named: dict[str | None, Column] = {column.meaning: column for column in extract.columns}
    release, centre = named.get("release"), named.get("centre")
    subject = named.get("person") or named.get("group") or named.get("audience")
    if release is None or centre is None or subject is None:
        return
    yield rows_never(
        f"{release.name} was given out",
        f"r.{release.name} is not null and not {_was_out(release)}",
        f"{release.path} is a release that was published.",
        code="unknown_reference",
        reads_others=True,
    )
    if subject.meaning == "audience":
        yield _id_of_form(extract, release, centre, subject)
        yield from _in_tertial(extract, release)
    else:
        yield from _handed_out(extract, release, centre, subject)
    yield rows_never(
        f"{subject.name} is the one sealed",
        f"{literal(f'{extract.name}!')} || (r.cells::jsonb ->> {literal(subject.path)}) = any (select unnest(d.unsealed) from delivery as d)",
        "A row of a decision form bears the seal that it was made with, for this release, centre and whom it is about.",
        code="unknown_reference",
        reads_others=True,
    )


def _id_of_form(extract: Extract, release: Column, centre: Column, subject: Column) -> Expectation:
    """Whoever is named by a code is in no table of those handed out: the id itself tells what the form made it for."""
    made = "^(" + "|".join(centre.codes) + ")-.*-(" + "|".join(subject.codes) + ")$"
    own = " || '-' || ".join(f"r.{column.name}" for column in (centre, release, subject))
    return rows_never(
        f"{subject.name} is the one reported on",
        f"r.{extract.key.name} ~ {literal(made)} and r.{extract.key.name} is distinct from {own}",
        f"{extract.key.path}, where a decision form made it, was made for this release, centre and whom it is about.",
        code="unknown_reference",
    )


def _in_tertial(extract: Extract, release: Column) -> Iterator[Expectation]:
    """What is reported of a release's tertial is no older than that."""
    year, tertial = (
        f"substring(r.{release.name} from '{found}')::integer"
        for found in ("^([0-9]+)-T[1-3][.]", "-T([1-3])[.]")
    )
    for column in extract.columns:
        if column.kind == "date":
            yield rows_never(
                f"{column.name} is in the release's tertial or after it",
                f"meta.to_date(r.{column.name}, {literal(column.date_format)}) < make_date({year}, 4 * {tertial} - 3, 1)",
                f"{column.path} is no earlier than the tertial of the release that the row names.",
                code="bad_value",
            )


def _handed_out(extract: Extract, release: Column, centre: Column, subject: Column) -> Iterator[Expectation]:
    was_out = _was_out(release)
    to_centre = f"h.release_id = r.{release.name} and h.centre_id = r.{centre.name}"
    yield rows_never(
        f"{subject.name} is in the centre's release",
        f"r.{subject.name} is not null and {was_out} and r.{centre.name} in ({listed(centre)})"
        # A form tells a centre that may not know a network's every enterprise of it by another id, and seals that.
        f"{' and (select d.unsealed from delivery as d) is null' if subject.meaning == 'group' else ''}"
        f" and not exists (select 1 from handed_out as h where {to_centre} and h.subject_id = r.{subject.name})",
        f"{subject.path} stands in the release that the row names, in its centre's part.",
        code="unknown_reference",
        reads_others=True,
    )
    yield rows_never(
        f"{subject.name} is the one decided on",
        f"exists (select 1 from handed_out as h where h.decision_id = r.{extract.key.name}"
        f" and not ({to_centre} and h.subject_id = r.{subject.name}))",
        f"{extract.key.path}, where a decision form made it, was made for this release, centre and whom it is about.",
        code="unknown_reference",
        reads_others=True,
    )


def _was_out(release: Column) -> str:
    return f"exists (select 1 from meta.releases as m where m.release_id = r.{release.name} and m.published_at is not null)"
