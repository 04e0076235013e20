"""Writes docs/sharing.md from the sharing matrix: `make sharing` (`python -m akrim.sharing.page`)."""

import sys
from collections.abc import Callable, Iterator

from akrim.contracts import NATIONAL
from akrim.errors import UserError
from akrim.sharing.matrix import ASSESSMENT, CENTRES, NOMINATORS, Line, Matrix
from akrim.sharing.matrix_file import load_matrix
from akrim.texts import labels

HEAD = """<!-- Made by `make sharing` from include/akrim/sharing/matrix.yml; edit that. -->

# What may be shared

Each kind of data that an agency delivers reaches a recipient only by a line of the sharing matrix; what no line in force allows is
not used and not shared, with one exception: an agency that the matrix does not name yet (below) ([why so](adr/0016-a-sharing-matrix-as-a-file.md)).

**{status}**

```sh
cp include/akrim/sharing/matrix.yml /etc/akrim/sharing.yml    # an installation's own, for lawyers to review and approve
AKRIM_SHARING=/etc/akrim/sharing.yml akrim doctor             # is it whole, and what does it leave out today?
```

Where the data are of real people, nothing is received, run, published or sent before the matrix has `status: approved` and says in `approved_by` by whom and when.

## How it is read

- A **category** of data is what a field of a contract is classified as (`classification`). A contract with an unclassified field is
  not read; a category that no line takes into the assessment is told by `akrim doctor` and fails `make check`.
- `to: [assessment]` lets data into the joint register: linkage, rules, marts, and those who work on them (the logins `akrim` and
  `akrim_analyst`). `to: [centres]`, or a centre's id, lets it into that centre's release and its login.
- An agency that the matrix does not name yet is taken into the assessment, and told to no centre, where its contract states a legal basis for
  the extract (`legalBasis`, with `dataCategory` for fields that are not classified); `akrim doctor` asks for its lines all the same.
- `share: content`; or `hit` for centres: the centre is told whether a rule that is made from the data points at a person, not by
  which facts nor with how many points. Which rule it is says something, too: a hit needs a basis as content does.
- `to: [national]` lets data into what the [national part](centres.md#the-national-part) tells of persons, by `share: hit` alone: who is on
  several lists or on that of no centre, on whose lists, which status they have there, and which rules point at them. A rule is told
  where all that it is made from may be, a proposed status where that holds for every rule that gives the person points, a decided one
  by `sentrene`'s `decision`, a name by the agency that it is from. Without a line the national part has numbers alone.
- `to: [nominators]` lets the agency that has nominated somebody be told what became of that, in [its receipts](agencies.md#nominations), by `share: hit` of `sentrene`'s
  `decision` alone: whether a centre's team has been shown it and has given a status or dismissed it, and when. Neither which centre, nor which status, nor anything of others.
- A line holds from `from_date` to `until_date`, both included. The day is that on which a delivery is received or a release
  is pinned. A line is turned off by its `until_date`, by taking a recipient from `to`, or by deleting it.

## What turning a line off does

| turned off for | from then on |
| --- | --- |
| the assessment | fields of the category are not taken in; where an extract's key is of it, its rows are set aside as `not_permitted` without their content. What was taken in before is left out of the next release's state. Rules that are made from it cannot be checked (`unavailable`), for anybody |
| a centre | in that centre's files and login every column that is made from it is empty, and a row whose key is of it is not there; without roles or enterprises, nobody is in its area by a role. Rules that are made from it are `withheld` and give no points on that centre's list; nor does capacity, of which nothing is told there, where too few points of intention remain for it to count; its places and proposed statuses follow from the rest |
| one centre, at all centres | where `role_handed_over` or `leads_through_others` is withheld from a centre, or told it as a hit, who probably stands in for whom counts for nobody at any centre, so that no points tell what that one may not know: straw men get all their points again and whoever is behind them none of these, so that places and proposed statuses change at centres that are told everything, too ([why](adr/0020-a-ladder-that-nothing-incriminating-leads-down.md#consequences)) |
| a centre, `hit` for content | the same, but such rules say `hit` or `no_hit`, and `unavailable` only where they could be checked for nobody: that a person disputes what is not told is not told |
| nominators | the next receipts tell nothing of nominations |
| national | in the national part no rule that is made from it is told, nor a proposed status that rests on such a rule, nor whoever is then on no list that may be told; the first page says which data it does not tell of |

The next release says so: in the report's first page, in its tables `withheld_data` and `withheld_rules`, and in `changes.json` with the
cause `sharing`. Releases that are out stay as they were made; recall them where that is wrong. What a line that is turned on again
lets in has to be delivered again.

What each rule and each column is made from is followed through the SQL of all models, values and conditions alike, and kept in
`dbt_project/seeds/data_origins.csv`; `make check` holds that against the models. Counts are told
without what is withheld: `persons_counted` counts nobody for it alone; a measure of `situation_measures` or `goal_indicators` that counts it is left
out (`made_from` in `seeds.measures`). Where a rule is withheld, so are measures, sizes and marks that count by who is on any centre's list: `B2` and
`B3`, the figures of networks (the report says so above them), `actor_count`. [What can still be worked out](security.md#somebody-inside-a-centre). A release
that a centre has from before keeps what it was told then, and an id is the digest of an agency's record key. Where addresses may be protected and the
protection may not be taken in, no address is used at all.

"""
# The columns of the overview: whom a line concerns that is to these.
RECIPIENTS: tuple[Callable[[set[str]], bool], ...] = (
    lambda to: ASSESSMENT in to,
    lambda to: bool(to - {ASSESSMENT, NATIONAL, NOMINATORS}),
    lambda to: NATIONAL in to,
    lambda to: NOMINATORS in to,
)


def render_page(matrix: Matrix) -> str:
    """docs/sharing.md."""
    status = (
        f"Approved: {matrix.approved_by}."
        if matrix.status == "approved"
        else "A working assumption: no lawyer has approved a line. The questions stand beside the lines."
    )
    lines = [HEAD.format(status=status), *_overview(matrix), *_purposes(matrix)]
    for line in matrix.lines:
        lines += _section(line)
    return "\n".join(lines).rstrip() + "\n"


def _overview(matrix: Matrix) -> Iterator[str]:
    """Agencies and categories against recipients, by the lines' names."""
    yield from (
        "## Who gets what",
        "",
        "| from | data | assessment | centres | national | nominators |",
        "| --- | --- | --- | --- | --- | --- |",
    )
    named = labels("en")
    pairs = dict.fromkeys((line.agency, category) for line in matrix.lines for category in line.categories)
    codes = dict.fromkeys(
        code for agency, category in pairs for code in (("agency", agency), ("data_category", category))
    )
    if nameless := [f"{code} of {code_list}" for code_list, code in codes if (code_list, code) not in named]:
        raise UserError(
            "No name is written for what the sharing matrix says.",
            ", ".join(nameless),
            "Write it in each language's codes.yml under include/akrim/texts, then `make rules` and this again.",
        )
    for agency, category in pairs:
        cells = [
            ", ".join(
                f"[{line.share}](#{line.line})"
                for line in matrix.lines
                if _is_of(line, agency, category) and is_to(set(line.to))
            )
            for is_to in RECIPIENTS
        ]
        yield (
            f"| {named['agency', agency]} | {named['data_category', category]} (`{category}`) | "
            + " | ".join(cell or "–" for cell in cells)
            + " |"
        )
    yield ""


def _is_of(line: Line, agency: str, category: str) -> bool:
    return line.agency == agency and category in line.categories


def _purposes(matrix: Matrix) -> Iterator[str]:
    yield from ("## Purposes", "")
    yield from (f"- **{name}**: {text}" for name, text in matrix.purposes.items())
    yield from ("", "## The lines", "")


def _section(line: Line) -> Iterator[str]:
    named = labels("en")
    until = f" until {line.until_date}" if line.until_date else ""
    recipients = ", ".join(
        {ASSESSMENT: "the assessment", CENTRES: "the centres", NATIONAL: "the national part"}.get(
            to, named.get(("centre", to), to)
        )
        for to in line.to
    )
    yield from (
        f"### {line.line}",
        "",
        f"- from {named['agency', line.agency]} to {recipients}: "
        + ", ".join(named["data_category", category] for category in line.categories),
        f"- shared as {line.share}, for {line.purpose}, from {line.from_date}{until}",
        f"- basis: {line.basis}",
        f"- proportionality: {line.proportionality}",
        *([f"- **question for a lawyer**: {line.question}"] if line.question else []),
        "",
    )


if __name__ == "__main__":
    from akrim.settings import PROJECT_ROOT

    try:
        page = render_page(load_matrix())
    except UserError as refused:
        sys.exit(str(refused))
    (PROJECT_ROOT / "docs" / "sharing.md").write_text(page, encoding="utf-8")
