"""The linkage model's definition: which pairs of descriptions are worth comparing, as conditions of joins.

The quality report and the log print the names of rules, so they are words.
"""

from typing import Any

# Two different valid numbers of one kind are two persons: such a pair is never scored. Nor is one within a unit.
MAY_BE_ONE_PERSON = (
    "l.unit_id <> r.unit_id and coalesce(l.national_number = r.national_number, true)"
    " and coalesce(l.d_number = r.d_number, true)"
)

# Names, streets, postcodes and birth years do not multiply with the records: alone, they would pair in proportion to the
# square. Two known birth dates that differ in year and in day outweigh such agreement, so these pairs are not made.
BIRTH_MAY_AGREE = "coalesce(l.birth_year = r.birth_year or l.birth_day = r.birth_day, true)"
# Of one year: the month or the day too, or one is 1 January, recorded where only the year is known.
MONTH_OR_DAY_AGREES = (
    "(left(l.birth_day, 2) = left(r.birth_day, 2) or right(l.birth_day, 2) = right(r.birth_day, 2)"
    " or l.birth_day = '0101' or r.birth_day = '0101')"
)

BLOCKING_RULES: dict[str, str] = {
    "birth date and family name": "l.birth_key = r.birth_key and l.family_sound = r.family_sound",
    "birth date and given name": "l.birth_key = r.birth_key and l.given_sound = r.given_sound",
    "birth date and initials": "l.birth_key = r.birth_key and l.initials = r.initials",
    "birth date and postcode": "l.birth_key = r.birth_key and l.postcode = r.postcode",
    "birth date and address": "l.birth_key = r.birth_key and l.address = r.address",
    "rare full name": "l.rare_name = r.rare_name",
    "rare full name, by the first of two family names": "l.rare_first_name = r.rare_first_name",
    "full name and birth year": (
        f"l.name_sound = r.name_sound and l.birth_year = r.birth_year and {MONTH_OR_DAY_AGREES}"
    ),
    "full name and day of birth": "l.name_sound = r.name_sound and l.birth_day = r.birth_day",
    "full name and postcode": "l.name_sound = r.name_sound and l.postcode = r.postcode",
    "given name and address": "l.given_sound = r.given_sound and l.address = r.address",
    "family name and address": "l.family_sound = r.family_sound and l.address = r.address",
    "address and postcode": "l.address = r.address and l.postcode = r.postcode and not l.is_crowded",
    "family name and postcode": (
        "l.family_sound = r.family_sound and l.postcode = r.postcode and left(l.given, 1) = left(r.given, 1)"
        f" and {BIRTH_MAY_AGREE}"
    ),
    "given name and postcode": (
        "l.given_sound = r.given_sound and l.postcode = r.postcode and left(l.family, 1) = left(r.family, 1)"
        f" and {BIRTH_MAY_AGREE}"
    ),
    "given name and street": (
        "l.given_sound = r.given_sound and l.street = r.street and left(l.family, 1) = left(r.family, 1)"
        f" and {BIRTH_MAY_AGREE}"
    ),
    "person number": "l.number_evidence = r.number_evidence",
    "full name and start of person number": (
        "l.name_sound = r.name_sound and left(l.number_evidence, 6) = left(r.number_evidence, 6)"
    ),
    "end of person number and given name": "l.number_tail = r.number_tail and l.given_sound = r.given_sound",
    "end of person number and family name": "l.number_tail = r.number_tail and l.family_sound = r.family_sound",
    "phone and given name": "l.phone_number = r.phone_number and l.given_sound = r.given_sound",
    "phone and family name": "l.phone_number = r.phone_number and l.family_sound = r.family_sound",
}

# Whoever is recorded under one name may have the family name in the given name's place.
FAMILY_OR_ONLY_NAME = "coalesce({0}.family_sound, {0}.given_sound)"

# Broader, costlier rules, each some expressions over a description; training without labels uses those that stay cheap on
# its records. The parts of names, dates and phones find records with an error in every field.
BROAD_BLOCKING_RULES: dict[str, tuple[str, ...]] = {
    "birth date": ("{0}.birth_key",),
    "address": ("{0}.address",),
    "family name": ("{0}.family_sound",),
    "given name": ("{0}.given_sound",),
    "postcode": ("{0}.postcode",),
    "phone": ("{0}.phone_number",),
    "municipality and initials": ("{0}.municipality", "{0}.initials"),
    "given name and first family name": ("{0}.given_sound", "{0}.family_first_sound"),
    "family or only name and birth year": (FAMILY_OR_ONLY_NAME, "{0}.birth_year"),
    "given name and birth year": ("{0}.given_sound", "{0}.birth_year"),
    "given name and birth day": ("{0}.given_sound", "{0}.birth_day"),
    "given name and municipality": ("{0}.given_sound", "{0}.municipality"),
    "family or only name and municipality": (FAMILY_OR_ONLY_NAME, "{0}.municipality"),
    "family or only name and postal area": (FAMILY_OR_ONLY_NAME, "left({0}.postcode, 2)"),
    "given name and start of postcode": ("{0}.given_sound", "left({0}.postcode, 3)"),
    "birth year and start of postcode": ("{0}.birth_year", "left({0}.postcode, 3)"),
    "birth year and municipality": ("{0}.birth_year", "{0}.municipality"),
    "birth day and municipality": ("{0}.birth_day", "{0}.municipality"),
    "birth day and start of family name": ("{0}.birth_day", "left({0}.family, 1)"),
    "birth day and start of given name": ("{0}.birth_day", "left({0}.given, 1)"),
    "start of phone": ("left({0}.phone_number, 4)",),
    "end of phone": ("right({0}.phone_number, 4)",),
    "starts of names": ("left({0}.family, 3)", "left({0}.given, 2)"),
    "end of family name, start of given name": ("right({0}.family, 3)", "left({0}.given, 2)"),
    "start of family name, end of given name": ("left({0}.family, 3)", "right({0}.given, 2)"),
}
MAX_PAIRS_PER_DESCRIPTION = 60
# Of a broad rule: it finds few pairs that no other does.
MAX_BROAD_PAIRS_PER_DESCRIPTION = 20
MAX_PAIRS_PER_RULE = 20_000_000


def rule_conditions(settings: dict[str, Any]) -> list[str]:
    """The conditions of the blocking rules in a model's Splink settings, in their order."""
    return [rule["blocking_rule"] for rule in settings["blocking_rules_to_generate_predictions"]]


def rule_names(settings: dict[str, Any]) -> list[str]:
    """The names of a model's blocking rules, in its order; the condition itself for a rule no longer in the code."""
    known = {f"{condition} and {MAY_BE_ONE_PERSON}": name for name, condition in BLOCKING_RULES.items()}
    for name, parts in BROAD_BLOCKING_RULES.items():
        known[f"{broad_condition(parts)} and {MAY_BE_ONE_PERSON}"] = name
    return [known.get(condition, condition) for condition in rule_conditions(settings)]


def broad_condition(parts: tuple[str, ...]) -> str:
    """The condition of a broad rule over two descriptions."""
    return " and ".join(f"{part.format('l')} = {part.format('r')}" for part in parts)


def blocked_sql(rules: list[str]) -> str:
    """The pairs of `descriptions` that these conditions generate, each once."""
    joined = " union all ".join(
        "select l.description_id as join_key_l, r.description_id as join_key_r from descriptions l join descriptions r"
        f" on {condition} where l.description_id < r.description_id"
        for condition in rules
    )
    return f"select distinct * from ({joined})"
