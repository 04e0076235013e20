"""Guards: named rules against errors that weights alone make.

Weights add up as if fields were independent. Twins, households and namesakes share a birth date, an address or a family
name for other reasons. Where a guard fires between two descriptions (`l` and `r`), the pair weighs against a join.
tests/linkage/model/guards.yml has the cases, and can be extended without code.
"""

GUARDED_WEIGHT = -8.0

SAME_FAMILY_NAME = "(l.family = r.family or l.family_sound = r.family_sound)"
SAME_ADDRESS = "(l.address = r.address and coalesce(l.postcode = r.postcode, true))"
# No given name of one equals, sounds like or abbreviates one of the other's.
OTHER_GIVEN_NAME = (
    "(l.given <> r.given and l.given_formal <> r.given_formal and l.given_sound <> r.given_sound"
    " and length(l.given) > 1 and length(r.given) > 1"
    " and not coalesce(list_contains(r.further_names, l.given), false)"
    " and not coalesce(list_contains(l.further_names, r.given), false)"
    " and l.given <> r.family and r.given <> l.family"
    " and damerau_levenshtein(l.given, r.given) > 1 and jaro_winkler_similarity(l.given, r.given) < 0.9)"
)
NEAR_NUMBER = (
    "coalesce(l.number_evidence = r.number_evidence"
    " or damerau_levenshtein(l.number_evidence, r.number_evidence) <= 1, false)"
)
YEARS_APART = "abs(l.birth_year - r.birth_year)"
OTHER_BIRTH_DATE = (
    "(l.birth_key <> r.birth_key and (l.birth_year = r.birth_year)::int"
    " + (left(l.birth_day, 2) = left(r.birth_day, 2))::int + (right(l.birth_day, 2) = right(r.birth_day, 2))::int < 2)"
)
# The date in the number, since a stated one may be 1 January where only the year is known.
SAME_PARTS_OF_NUMBERS = (
    "(substr(l.number_evidence, 1, 2)::int % 40 = substr(r.number_evidence, 1, 2)::int % 40)::int"
    " + (substr(l.number_evidence, 3, 2) = substr(r.number_evidence, 3, 2))::int"
    " + (substr(l.number_evidence, 5, 2) = substr(r.number_evidence, 5, 2))::int"
)

GUARDS: dict[str, str] = {
    "twins": (
        f"{OTHER_GIVEN_NAME} and l.birth_key = r.birth_key and {SAME_FAMILY_NAME} and not {NEAR_NUMBER}"
    ),
    "numbers_of_other_birth_dates": (
        f"l.number_kind is not null and r.number_kind is not null and {OTHER_BIRTH_DATE}"
        f" and {SAME_PARTS_OF_NUMBERS} < 2"
    ),
    "parent_and_child": (
        f"({OTHER_GIVEN_NAME} or {SAME_ADDRESS}) and {SAME_FAMILY_NAME} and {YEARS_APART} between 14 and 60"
        f" and {OTHER_BIRTH_DATE} and not {NEAR_NUMBER}"
    ),
    "spouses_and_siblings": (
        f"{OTHER_GIVEN_NAME} and {SAME_ADDRESS} and coalesce({OTHER_BIRTH_DATE}, true) and not {NEAR_NUMBER}"
    ),
    "shared_phone": (
        f"{OTHER_GIVEN_NAME} and l.phone_number = r.phone_number and coalesce({OTHER_BIRTH_DATE}, true)"
        f" and not {NEAR_NUMBER}"
    ),
    "crowded_address": (
        f"(l.is_crowded or r.is_crowded) and {SAME_ADDRESS} and {OTHER_BIRTH_DATE} and not {NEAR_NUMBER}"
    ),
}

# Without labels, a completely different given name is as often an error as a twin. A guard is used where training finds
# that its comparison's equality is mostly that of relatives.
UNLABELLED_GUARDS = {"spouses_and_siblings": "home", "shared_phone": "phone", "crowded_address": "home"}
