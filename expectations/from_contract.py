"""A contract's promises as expectations, each with the quarantine code that the specification gives its breach.

The queries run with the scratch schema as search path, where `delivery` holds one row about the delivery (mode,
delivered_on, data_mode, control_rule, unsealed), `<extract>_keys` the keys of each parent extract after this delivery, and
`handed_out`, for an extract of decisions, the persons or groups of the releases and centres that its rows name.
"""

from collections.abc import Iterator
from typing import Literal

import great_expectations.expectations as gxe
from akrim.characters import BLANKS
from akrim.contracts import LONGEST_KEY, Column, Extract
from akrim.identifiers import has_month_of_sql
from great_expectations.expectations.expectation import Expectation

from expectations.references import references
from expectations.rows import STANDING, WARNING, listed, literal, rows_never

# More kroner than Norway is worth: rules may multiply and add up what has so many digits, and stay within 64 bits.
MOST_DIGITS = 13
READ_WHOLE = "coalesce(r.defect, 'repeated_key') = 'repeated_key'"


def contract_expectations(extract: Extract) -> list[Expectation]:
    """All of them, in the specification's order of codes."""
    return [
        *_whole_rows(extract),
        *(e for column in extract.columns for e in _person_numbers(column)),
        *_required(extract),
        _key_once(extract),
        *(e for column in extract.columns for e in _dates(column)),
        *(e for column in extract.columns for e in _past(column)),
        *_values(extract),
        *(e for column in extract.columns for e in _codes(column)),
        *(e for column in extract.columns for e in _organisation_numbers(column)),
        *_parents(extract),
        *references(extract),
        gxe.ExpectTableRowCountToBeBetween(
            min_value=extract.row_count_limits[0],
            max_value=extract.row_count_limits[1],
            severity=WARNING,
            description="The number of rows is within what the contract calls normal.",
            meta={"name": "row count is normal", "code": "", "column": ""},
        ),
    ]


def _whole_rows(extract: Extract) -> Iterator[Expectation]:
    yield rows_never(
        "record has the agreed fields",
        "r.defect = 'malformed_row'",
        "A record has as many fields as the header.",
        code="malformed_row",
        among="true",
    )
    if any(column.never_load_others for column in extract.columns):
        yield rows_never(
            "role may be received",
            "r.defect = 'forbidden_role'",
            "Only suspects, charged and convicted persons are ever received.",
            code="forbidden_role",
            among="true",
        )


def _person_numbers(column: Column) -> Iterator[Expectation]:
    if column.meaning != "personNumber":
        return
    name = column.name
    kind = _kind(f"r.{name}")
    plain = f"translate(r.{name}, '０１２３４５６７８９', '0123456789')"
    digits = f"regexp_replace({plain}, '[.,]00?$|[^0-9]', '', 'g')"
    within = f"regexp_matches({plain}, '(?<![0-9])({'[0-9]' * 11})(?![0-9])', 'g') as number (found)"
    worlds: tuple[tuple[str, Literal["real", "test"], str], ...] = (
        ("synthetic", "real", "real_range_person_number"),
        ("production", "test", "synthetic_person_number"),
    )
    for world, foreign, code in worlds:
        is_foreign = f"{has_month_of_sql(f'r.{name}', foreign)} and {kind} = '{foreign}'"
        # A number written in groups, in wide digits, as a fraction of none or among other text is one all the same; only longer
        # values pay for that look.
        is_hidden = (
            f"octet_length(r.{name}) > 11 and ({_kind(digits)} = '{foreign}'"
            f" or exists (select from {within} where {_kind('found[1]')} = '{foreign}'))"
        )
        yield rows_never(
            f"{name} is of a {world} person",
            f"(select d.data_mode from delivery as d) = '{world}' and ({is_foreign} or {is_hidden})",
            f"A {world} installation receives no person number of the other world.",
            code=code,
        )


def _kind(value: str) -> str:
    return (
        "case (select d.control_rule from delivery as d)"
        f" when '2032' then meta.person_number_kind_2032({value}) else meta.person_number_kind({value}) end"
    )


def _required(extract: Extract) -> Iterator[Expectation]:
    key = extract.key
    yield _never_empty(key, _is_empty(key), READ_WHOLE)
    if not extract.is_append_only:
        yield rows_never(
            "_slettet is given",
            "r.removed is null and (select d.mode from delivery as d) = 'delta'",
            "A delta says of every row whether it is removed.",
            code="empty_required",
        )
    for column in extract.columns:
        if column.is_required and not column.is_key:
            condition = _is_empty(column)
            if column.needed_with:
                condition += f" and {_is_there(extract, column.needed_with)}"
            yield _never_empty(column, condition, STANDING)
    if extract.exactly_one_of:
        present = " + ".join(f"({_is_there(extract, owner)})::int" for owner in extract.exactly_one_of)
        either = " or ".join(extract.exactly_one_of)
        yield rows_never(
            f"either {either}", f"{present} <> 1", f"Exactly one is given: {either}.", code="empty_required"
        )


def _never_empty(column: Column, condition: str, among: str) -> Expectation:
    return rows_never(
        f"{column.name} is given",
        condition,
        f"{column.path} is never empty.",
        code="empty_required",
        among=among,
    )


def _is_empty(column: Column) -> str:
    """By its first sign, where that tells, which costs a tenth of what looking through all blanks does."""
    value = f"r.{column.name}"
    may_be_blank = f"ascii({value}) not between ascii('!') and ascii('~')"
    return f"({value} is null or {may_be_blank} and btrim({value}, {literal(BLANKS)}) = '')"


def _is_there(extract: Extract, owner: str) -> str:
    return "(" + " or ".join(f"not {_is_empty(column)}" for column in extract.members(owner)) + ")"


def _key_once(extract: Extract) -> Expectation:
    key = extract.key.name
    return rows_never(
        f"{key} comes once",
        f"""r.defect = 'repeated_key' or r.row_number in (
            select k.row_number from (select * from {{batch}}) as k join (
                select b.{key} as key, min(b.row_number) as first_row
                from (select * from {{batch}}) as b where b.{key} is not null group by b.{key} having count(*) > 1
            ) as f on f.key = k.{key} and k.row_number > f.first_row
        )""",
        f"{key} identifies one record of the file; the first stays.",
        code="repeated_key",
        among=READ_WHOLE,
    )


def _dates(column: Column) -> Iterator[Expectation]:
    if column.kind != "date":
        return
    name, form = column.name, column.date_format
    yield rows_never(
        f"{name} is a date",
        f"not meta.is_date(r.{name}, {literal(form)})",
        f"{column.path} is a date written {form}.",
        code="bad_date",
    )


def _is_after_delivery(column: Column) -> str:
    """As text first where that says the same of dates, which costs a tenth."""
    day = "(select d.delivered_on from delivery as d)"
    is_later = f"meta.to_date(r.{column.name}, {literal(column.date_format)}) > {day}"
    if column.date_format != "YYYY-MM-DD":
        return is_later
    as_text = "(select to_char(d.delivered_on, 'YYYY-MM-DD') from delivery as d)"
    return f'r.{column.name} collate "C" > {as_text} and {is_later}'


def _past(column: Column) -> Iterator[Expectation]:
    if column.kind == "date" and not column.is_future_allowed:
        yield rows_never(
            f"{column.name} is past",
            _is_after_delivery(column),
            f"{column.path} is no later than the day of delivery.",
            code="future_date",
        )


def _values(extract: Extract) -> Iterator[Expectation]:
    removed = "r.removed not in ('J', 'N')" + (" or r.removed = 'J'" if extract.is_append_only else "")
    yield rows_never(
        "_slettet is J or N",
        removed,
        "A delta marks a row as removed (J) or not (N); an append-only extract removes nothing.",
        code="bad_value",
        among=READ_WHOLE,
    )
    key = extract.key
    yield rows_never(
        f"{key.name} has the length of a key",
        f"length(r.{key.name}) > {LONGEST_KEY}",
        f"{key.path} has at most {LONGEST_KEY} characters.",
        code="bad_value",
        among=READ_WHOLE,
    )
    if any(form.name == "jsonl.gz" for form in extract.formats):
        yield rows_never(
            "values have the agreed types",
            "r.mistyped is not null",
            "Text is text, numbers are numbers.",
            code="bad_value",
        )
    for column in extract.columns:
        condition = _wrong_value(column, {form.name for form in extract.formats})
        if condition:
            yield rows_never(
                f"{column.name} is {_article(column)}",
                f"r.mistyped is null and {condition}",
                f"{column.path} is {_article(column)} as agreed.",
                code="bad_value",
            )


def _article(column: Column) -> str:
    return {"integer": "a whole number", "decimal": "a number in range", "boolean": "J or N"}[column.kind]


def _wrong_value(column: Column, formats: set[str]) -> str:
    name = f"r.{column.name}"
    if column.kind in ("integer", "decimal"):
        is_number = (
            f"{name} ~ '^-?[0-9]+$' and length(ltrim({name}, '-0')) <= {MOST_DIGITS}"
            if column.kind == "integer"
            else f"{name} ~ '^-?[0-9]+([.][0-9]+)?$' and length({name}) <= 40"
        )
        limits = " and ".join(
            f"{name}::numeric {operator} {literal(limit)}"
            for operator, limit in ((">=", column.minimum), ("<=", column.maximum))
            if limit is not None
        )
        outside = f" when not ({limits}) then true" if limits else ""
        return f"case when {name} is null then false when not ({is_number}) then true{outside} else false end"
    if column.kind == "boolean":
        agreed = "'true', 'false'" if formats == {"jsonl.gz"} else "'J', 'N'"
        return f"{name} not in ({agreed})"
    return ""


def _codes(column: Column) -> Iterator[Expectation]:
    if column.codes and not column.never_load_others:
        yield rows_never(
            f"{column.name} is a known code",
            f"r.{column.name} not in ({listed(column)})",
            f"{column.path} is one of the agreed codes.",
            code="unknown_code",
        )


def _organisation_numbers(column: Column) -> Iterator[Expectation]:
    if column.meaning == "orgnr" and column.is_required:
        yield rows_never(
            f"{column.name} is an organisation number",
            f"not meta.is_orgnr(r.{column.name})",
            f"{column.path} has nine digits and a control digit that fits.",
            code="invalid_orgnr",
        )


def _parents(extract: Extract) -> Iterator[Expectation]:
    for column, parent in extract.parents:
        yield rows_never(
            f"{column.name} is known",
            f"r.{column.name} is not null and not exists"
            f" (select 1 from {parent}_keys as p where p.key = r.{column.name})",
            f"{column.path} is in {extract.agency}'s {parent} after this delivery.",
            code="orphan_parent",
            reads_others=True,
        )
