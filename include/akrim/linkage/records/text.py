"""DuckDB macros that make names, addresses and numbers comparable.

`fold` drops case, accents and punctuation; `spell` unifies transliterations (Jørgen, Joergen, Jorgen); `sound` is
a consonant skeleton under which Muhammad's spellings, Łukasz and Lukas, or Wójcik and Vojcik are equal. They work on
any script: what is not Latin is kept unchanged.
"""

import duckdb

# Letters that strip_accents leaves unchanged.
PLAIN_LETTERS = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "ß": "ss", "þ": "th", "œ": "oe"}

# Two letters written for one: ø and ö as oe, å as aa, ä and æ as ae, ü as ue.
DIGRAPHS = {"oe": "o", "aa": "a", "ae": "a", "ue": "u"}

# Applied in order, so that different transliterations of a sound end in the same letter.
SOUND_ALIKE = {
    "tsch": "k", "sch": "s", "ch": "k", "sh": "s", "sz": "s", "cz": "k", "zh": "s", "kh": "k", "ph": "f",
    "ck": "k", "th": "t", "dh": "d", "gh": "g", "qu": "k", "kj": "k", "x": "ks", "q": "k", "c": "k",
    "w": "v", "z": "s", "dj": "j", "g": "j", "b": "p", "d": "t", "f": "v",
}  # fmt: skip

MACROS = {
    "fold(s)": r"nullif(trim(regexp_replace(strip_accents({plain}), '[^\p{{L}}\p{{N}}]+', ' ', 'g')), '')",
    "spell(s)": "{digraphs}",
    "unify_sounds(s)": "{alike}",
    "skeleton(s)": "left(s, 1) || regexp_replace(substr(s, 2), '[aeiouyhj ]', '', 'g')",
    "sound(s)": "skeleton(unify_sounds(s))",
    "digits(s)": r"nullif(regexp_replace(s, '\D', '', 'g'), '')",
    "first_word(s)": "split_part(s, ' ', 1)",
    "last_word(s)": "split_part(s, ' ', -1)",
    "words(s)": "case when s is null then [] else string_split(s, ' ') end",
    "two_words(a, b)": "least(a, b) || ' ' || greatest(a, b)",
    "swap_safe(d)": (
        "case when day(d) <= 12 then strftime(d, '%Y-') || least(day(d), month(d)) || '/' || greatest(day(d), month(d))"
        " else strftime(d, '%Y-%m-%d') end"
    ),
    # Year, month and day, also of a date that no calendar has: a slip leaves most digits right.
    "date_digits(s)": (
        "case when regexp_full_match(s, '[0-9]{{4}}[-./]?[0-9]{{2}}[-./]?[0-9]{{2}}') then digits(s)"
        " when regexp_full_match(s, '[0-9]{{2}}[-./][0-9]{{2}}[-./][0-9]{{4}}')"
        " then right(s, 4) || substr(s, 4, 2) || left(s, 2) end"
    ),
}


def create_macros(con: duckdb.DuckDBPyConnection) -> None:
    """Create the macros in this connection."""
    parts = {
        "plain": _replaced("lower(s)", PLAIN_LETTERS),
        "digraphs": _replaced("s", DIGRAPHS),
        "alike": _replaced("s", SOUND_ALIKE | {letter * 2: letter for letter in "klmnprstv"}),
    }
    for signature, body in MACROS.items():
        con.execute(f"create or replace macro {signature} as {body.format(**parts)}")


def _replaced(expression: str, replacements: dict[str, str]) -> str:
    for old, new in replacements.items():
        expression = f"replace({expression}, '{old}', '{new}')"
    return expression
