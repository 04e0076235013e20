"""The linkage model's definition: comparisons and their levels.

`akrim explain` prints the names of comparisons and levels, so they are words. Weights are not here: they are trained
(training/) and stored in the dated JSON files of models/. Of a comparison's levels, the first that fits applies.
"""

from typing import NamedTuple

from babel.lists import format_list

from akrim.texts import Language, texts
from akrim.texts.written import locale_of


class Level(NamedTuple):
    """One level of agreement; `rarity` is the column whose rare values weigh more (term frequency). The probabilities of
    levels with one circumstance are conditional on it."""

    label: str
    condition: str
    rarity: str | None = None
    circumstance: str | None = None


UNKNOWN = "unknown"
DIFFERENT = Level("different", "ELSE")

# The cheap length tests come first: scoring spends most of its time on edit distance.
# One error leaves the first or the last letter of a word of three as it was.
ONE_TYPING_ERROR = (
    "abs(length({0}) - length({1})) <= 1 and least(length({0}), length({1})) >= 3"
    " and (left({0}, 1) = left({1}, 1) or right({0}, 1) = right({1}, 1)) and damerau_levenshtein({0}, {1}) = 1"
)
ONE_SLIP = ONE_TYPING_ERROR.format("{column}_l", "{column}_r")
# Given and family name swapped, each equal but for a typing error; a missing name agrees.
CROSSED = "(coalesce({0} = {1}, true) or (" + ONE_TYPING_ERROR + "))"
SWAPPED = (
    "(given_l = family_r or given_r = family_l) and "
    + CROSSED.format("given_l", "family_r")
    + " and "
    + CROSSED.format("given_r", "family_l")
)

GIVEN_NAME = [
    Level(UNKNOWN, "given_l is null or given_r is null"),
    Level("equal", "given_l = given_r", rarity="given"),
    Level("nickname", "given_formal_l = given_formal_r"),
    Level("sounds_alike", "given_sound_l = given_sound_r and left(given_l, 1) = left(given_r, 1)"),
    Level("initial", "least(length(given_l), length(given_r)) = 1 and left(given_l, 1) = left(given_r, 1)"),
    Level("one_slip", ONE_SLIP.format(column="given")),
    Level("swapped_with_family_name", SWAPPED),
    Level(
        "among_further_names",
        "list_contains(further_names_r, given_l) or list_contains(further_names_l, given_r)",
    ),
    Level("similar", "jaro_winkler_similarity(given_l, given_r) >= 0.85"),
    Level("somewhat_similar", "jaro_winkler_similarity(given_l, given_r) >= 0.7"),
    DIFFERENT,
]

FAMILY_NAME = [
    Level(UNKNOWN, "family_l is null or family_r is null"),
    Level("equal", "family_l = family_r", rarity="family"),
    Level(
        "sounds_alike", "family_sound_l = family_sound_r and left(family_last_l, 1) = left(family_last_r, 1)"
    ),
    Level("one_slip", ONE_SLIP.format(column="family")),
    Level(
        "part_of_double_name",
        "(is_double_name_l or is_double_name_r) and list_has_any(family_words_l, family_words_r)",
    ),
    # The given name's comparison already counts this evidence.
    Level("swapped_with_given_name", SWAPPED, circumstance="swapped"),
    Level(
        "among_further_names",
        "list_contains(further_names_r, family_last_l) or list_contains(further_names_l, family_last_r)",
    ),
    Level("similar", "jaro_winkler_similarity(family_l, family_r) >= 0.88"),
    Level("somewhat_similar", "jaro_winkler_similarity(family_l, family_r) >= 0.7"),
    DIFFERENT,
]

# By their digits, since a slip can leave a date that no calendar has.
EQUAL_PARTS = (
    "(birth_year_l = birth_year_r)::int + (left(birth_day_l, 2) = left(birth_day_r, 2))::int"
    " + (right(birth_day_l, 2) = right(birth_day_r, 2))::int"
)
# 1 January is recorded where only the year is known.
IS_NEW_YEAR = "birth_day_{side} = '0101'"

BIRTH_DATE = [
    Level(UNKNOWN, "birth_digits_l is null or birth_digits_r is null"),
    Level("equal_on_1_january", f"birth_digits_l = birth_digits_r and {IS_NEW_YEAR.format(side='l')}"),
    Level("equal", "birth_digits_l = birth_digits_r"),
    Level("day_and_month_swapped", "birth_key_l = birth_key_r"),
    Level(
        "year_alone_on_1_january",
        f"birth_year_l = birth_year_r and ({IS_NEW_YEAR.format(side='l')} or {IS_NEW_YEAR.format(side='r')})",
    ),
    Level("one_slip", f"{EQUAL_PARTS} = 2 and damerau_levenshtein(birth_digits_l, birth_digits_r) = 1"),
    Level("two_parts_equal", f"{EQUAL_PARTS} = 2"),
    Level("within_a_month", "abs(date_diff('day', birth_date_l, birth_date_r)) <= 31"),
    Level("same_year", "birth_year_l = birth_year_r"),
    DIFFERENT,
]

# Equal postcodes but for a typing error; a missing one agrees.
SAME_PLACE = "coalesce(postcode_l = postcode_r or damerau_levenshtein(postcode_l, postcode_r) = 1, true)"

# Long postcodes, such as British ones, name a district before their last three characters.
POSTAL_DISTRICT = "(case when length(postcode_{0}) > 5 then left(postcode_{0}, length(postcode_{0}) - 3) end)"

HOME = [
    Level(UNKNOWN, "(address_l is null or address_r is null) and (postcode_l is null or postcode_r is null)"),
    Level("same_address", f"address_l = address_r and {SAME_PLACE} and not (is_crowded_l or is_crowded_r)"),
    Level("same_crowded_address", f"address_l = address_r and {SAME_PLACE}"),
    Level("similar_address", f"jaro_winkler_similarity(address_l, address_r) >= 0.92 and {SAME_PLACE}"),
    Level("same_street", f"street_l = street_r and {SAME_PLACE}"),
    Level("same_address_elsewhere", "address_l = address_r"),
    Level("same_postcode", "postcode_l = postcode_r"),
    Level("similar_postcode", ONE_SLIP.format(column="postcode")),
    Level("same_postal_district", f"{POSTAL_DISTRICT.format('l')} = {POSTAL_DISTRICT.format('r')}"),
    Level("same_postal_area", "left(postcode_l, 2) = left(postcode_r, 2)"),
    DIFFERENT,
]

# A postcode mostly determines the municipality, which is weaker evidence beside an equal postcode.
SAME_POSTCODE = "coalesce(postcode_l = postcode_r, false)"
SIMILAR_MUNICIPALITY = "jaro_winkler_similarity(municipality_l, municipality_r) >= 0.9"
BESIDE_POSTCODE = "same_postcode"

MUNICIPALITY = [
    Level(UNKNOWN, "municipality_l is null or municipality_r is null"),
    Level(
        "equal_beside_equal_postcode",
        f"municipality_l = municipality_r and {SAME_POSTCODE}",
        circumstance=BESIDE_POSTCODE,
    ),
    Level(
        "similar_beside_equal_postcode",
        f"{SAME_POSTCODE} and {SIMILAR_MUNICIPALITY}",
        circumstance=BESIDE_POSTCODE,
    ),
    Level("different_beside_equal_postcode", SAME_POSTCODE, circumstance=BESIDE_POSTCODE),
    Level("equal", "municipality_l = municipality_r"),
    Level("similar", SIMILAR_MUNICIPALITY),
    DIFFERENT,
]

# Of the errors that are looked for, the first or the last digits are free.
PHONE_IS_NEAR = (
    "(left(phone_number_l, 3) = left(phone_number_r, 3) or right(phone_number_l, 3) = right(phone_number_r, 3))"
    " and damerau_levenshtein(phone_number_l, phone_number_r)"
)

PHONE = [
    Level(UNKNOWN, "phone_number_l is null or phone_number_r is null"),
    Level("equal", "phone_number_l = phone_number_r and not (is_shared_phone_l or is_shared_phone_r)"),
    Level("equal_but_shared", "phone_number_l = phone_number_r"),
    Level("one_slip", f"{PHONE_IS_NEAR} <= 1"),
    Level("two_slips", f"{PHONE_IS_NEAR} <= 2"),
    DIFFERENT,
]

# One typing error leaves the first or the last digits unchanged.
NUMBER_IS_NEAR = (
    "(left(number_evidence_l, 4) = left(number_evidence_r, 4) or right(number_evidence_l, 4) = right(number_evidence_r, 4))"
    " and damerau_levenshtein(number_evidence_l, number_evidence_r)"
)

# Valid numbers of different kinds (D-number, fødselsnummer) differ by nature and say nothing.
PERSON_NUMBER = [
    Level(
        UNKNOWN,
        "number_evidence_l is null or number_evidence_r is null"
        " or (coalesce(number_kind_l <> number_kind_r, false))",
    ),
    Level("equal", "number_evidence_l = number_evidence_r"),
    Level("one_slip", f"{NUMBER_IS_NEAR} <= 1"),
    Level("two_slips", f"{NUMBER_IS_NEAR} <= 2"),
    DIFFERENT,
]

COMPARISONS: dict[str, list[Level]] = {
    "given_name": GIVEN_NAME,
    "family_name": FAMILY_NAME,
    "birth_date": BIRTH_DATE,
    "home": HOME,
    "municipality": MUNICIPALITY,
    "phone": PHONE,
    "person_number": PERSON_NUMBER,
}
RARITY_COLUMNS = ("given", "family")


def level_in_words(label: str, language: Language) -> str:
    """A level as explanations name it; one of a shared household by what the two share of it."""
    words = texts(language, "linkage")
    if label in words["levels"]:
        return str(words["levels"][label])
    shared = [words["shared"][part] for part in label.removeprefix("shared_").split("_and_")]
    return str(words["levels"]["shared"]).format(parts=format_list(shared, locale=locale_of(language)))


def rarity_sql(column: str, table: str) -> str:
    """The model's frequencies, where a name not seen in training is as rare as the middle one of those that were: as the
    rarest, it would pass for proof among records whose common names are others."""
    return f"""
    create or replace temp table rarity_{column} as
    with unseen as (select coalesce(quantile_disc(tf_{column}, 0.5), 0.001) as tf from frequencies_{column})
    select {column}, tf_{column} from frequencies_{column}
    union all
    select distinct d.{column}, unseen.tf from {table} d, unseen
    where d.{column} is not null and d.{column} not in (select {column} from frequencies_{column})
    """
