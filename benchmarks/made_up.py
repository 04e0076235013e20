"""Made-up person records with their truth, of any size and fast, on which no model of the project was trained.

    python benchmarks/made_up.py norway 1000000 SEED OUT      # five registers, 24 % of person numbers missing or wrong
    python benchmarks/made_up.py registers 40000 SEED OUT     # four foreign registers: households, twins, --with-numbers
    python benchmarks/made_up.py historical 50000 SEED OUT    # one list of persons long dead, some ten variants of each

Out come OUT/<kind>-<records>.parquet and its _truth. Everything is made in whole columns; the errors are drawn by share.
Person numbers are synthetic (month + 80).
"""

import argparse
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from akrim.synthetic.world.vocabulary import origins

Column = np.ndarray
LETTERS = np.array(list("abcdefghijklmnoprstuvy"))
ONSETS = [
    "Al", "Bar", "Bel", "Car", "Cor", "Dan", "Del", "Fen", "Gar", "Gol", "Hal", "Har", "Ken", "Lam", "Lor",
    "Mar", "Mil", "Nor", "Os", "Pel", "Quin", "Rad", "Ros", "Sel", "Tal", "Ul", "Ver", "Wal", "Yor", "Zan",
]  # fmt: skip
MIDDLES = ("", "a", "e", "o", "an", "er", "il", "or", "ing", "ens")
ENDINGS = [
    "by", "den", "der", "dez", "field", "ford", "ham", "ka", "land", "ley", "lo", "man", "mere", "mond",
    "nes", "ni", "ov", "rez", "ri", "shaw", "son", "ston", "ta", "thwaite", "ton", "va", "wick", "wood",
    "worth", "zzi",
]  # fmt: skip
GIVEN_STEMS = [
    "Ada", "Agn", "Al", "Ann", "Art", "Ber", "Cat", "Char", "Clar", "Dan", "Dor", "Ed", "El", "Em", "Fran",
    "Fred", "Geo", "Han", "Hen", "Hu", "Isa", "Jam", "Jo", "Jul", "Kat", "Leo", "Lu", "Mar", "Mat", "Mir",
    "Nic", "Ol", "Pat", "Pet", "Phil", "Ra", "Rich", "Rob", "Ros", "Sam", "Sar", "Sim", "Ste", "Tho",
    "Vic", "Wil",
]  # fmt: skip
GIVEN_ENDINGS = ("a", "as", "bert", "eline", "es", "ey", "iam", "ick", "ine", "is", "on", "red", "ry", "us")
TRANSLITERATIONS = {"ø": "oe", "å": "aa", "æ": "ae", "ł": "l", "ö": "o", "kj": "kh", "th": "t", "ck": "k", "y": "i"}  # fmt: skip

COLUMNS = (
    "identifier", "given_name", "family_name", "birth_date", "street_address", "postcode", "municipality_code", "phone",
)  # fmt: skip


class Chance:
    """Draws, all from one seed."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def happens(self, share: float, size: int) -> Column:
        return self.rng.random(size) < share

    def ranked(self, pool: Column, size: int, flatness: float = 3.0) -> Column:
        """Draws in which the first of the pool are common and the last rare."""
        weights = 1 / (np.arange(len(pool)) + flatness)
        return pool[np.searchsorted(np.cumsum(weights) / weights.sum(), self.rng.random(size))]

    def slipped(self, words: Column, share: float) -> Column:
        """The words with one character replaced, dropped or doubled in a share of them."""
        out = words.copy()
        for place in np.flatnonzero(self.happens(share, len(words)) & np.not_equal(words, None)):
            word = str(words[place])
            at = int(self.rng.integers(0, max(len(word), 1)))
            put = (str(self.rng.choice(LETTERS)), "", word[at : at + 1] * 2)[int(self.rng.integers(0, 3))]
            out[place] = word[:at] + put + word[at + 1 :]
        return out

    def slipped_digits(self, numbers: Column, share: float) -> Column:
        """The numbers with two neighbouring digits swapped, or one replaced, in a share of them."""
        out = numbers.copy()
        for place in np.flatnonzero(self.happens(share, len(numbers))):
            number, at = numbers[place], int(self.rng.integers(0, 10))
            swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
            out[place] = (
                swapped
                if self.rng.random() < 0.5
                else number[:at] + str(self.rng.integers(0, 10)) + number[at + 1 :]
            )
        return out

    def emptied(self, column: Column, share: float) -> Column:
        return np.where(self.happens(share, len(column)), None, column)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kind", choices=("norway", "registers", "historical"))
    parser.add_argument("records", type=int)
    parser.add_argument("seed", type=int)
    parser.add_argument("out", type=Path)
    parser.add_argument("--with-numbers", action="store_true", help="foreign numbers in the registers")
    given = parser.parse_args()
    chance = Chance(given.seed)
    if given.kind == "historical":
        columns, person = historical(given.records, chance)
    else:
        columns, person = registers(given.records, chance, given.kind == "norway", given.with_numbers)
    write(
        columns, person, chance, given.out, f"{given.kind}-{given.records}{'-numbered' * given.with_numbers}"
    )


def foreign_names(chance: Chance) -> tuple[Column, Column]:
    given = np.array([stem + ending for ending in GIVEN_ENDINGS for stem in GIVEN_STEMS], object)
    family = np.array([a + b + c for b in MIDDLES for c in ENDINGS for a in ONSETS], object)
    return chance.rng.permutation(given), chance.rng.permutation(family)


def norwegian_names(chance: Chance) -> tuple[Column, Column]:
    given = [name for origin in origins() for name in (*origin.male, *origin.female)]
    family = [name for origin in origins() for name in origin.family_male]
    return tuple(chance.rng.permutation(np.array(sorted(set(pool)), object)) for pool in (given, family))


def registers(
    size: int, chance: Chance, is_norway: bool, with_numbers: bool
) -> tuple[dict[str, Column], Column]:
    """Households in several registers: members share family name, address and phone, and some are twins."""
    people = max(size // 3, 1)
    rng = chance.rng
    household = np.cumsum(chance.happens(0.45, people))
    homes = int(household[-1]) + 1
    givens, families = norwegian_names(chance) if is_norway else foreign_names(chance)
    family = chance.ranked(families, homes, 20)[household]
    family = np.where(chance.happens(0.15, people), chance.ranked(families, people, 20), family)
    born = rng.integers(-11000, 13500, people)
    is_twin = chance.happens(0.015, people) & (np.diff(household, prepend=-1) == 0)
    born[is_twin] = born[np.flatnonzero(is_twin) - 1]
    national, d_number = (person_numbers(born, rng, is_d) for is_d in (False, True))
    foreign_number = (rng.permutation(people) + 100_000_000).astype(str).astype(object)
    streets = np.array(
        [f"{a}{b}" for a in ONSETS for b in ("gata", "veien", "svingen", "bakken", "lia")], object
    )
    houses = 3 * homes
    address = (
        chance.ranked(streets, houses, 40) + " " + rng.integers(1, 90, houses).astype(str).astype(object)
    )
    postcode = np.char.zfill((rng.integers(1, 998, houses) * 10).astype(str), 4).astype(object)
    telephone = rng.integers(40_000_000, 99_999_999, homes).astype(str).astype(object)

    person = np.sort(rng.integers(0, people, size))
    source = rng.integers(0, 5 if is_norway else 4, size)
    home = household[person] + homes * (chance.happens(0.2, size) * rng.integers(1, 3, size))
    is_immigrant = (np.arange(people) % 7 == 0)[person] & (source % 2 == 0)
    number = (
        np.where(is_immigrant, d_number[person], national[person]) if is_norway else foreign_number[person]
    )
    if is_norway:
        number = np.where(chance.happens(0.003, size), national[rng.integers(0, people, size)], number)
        number = chance.emptied(chance.slipped_digits(number, 0.06), 0.18)
    else:
        number = chance.emptied(number, 0.35) if with_numbers else np.full(size, None)
    names = chance.ranked(givens, people, 10)[person], family[person]
    given, surname = vary_names(*names, chance, families)
    birth = damage_dates(born[person], chance, 0.1)
    birth[(source == 1) & (not is_norway)] = None
    columns = {
        "source": np.array([f"register{n}" for n in range(5)], object)[source],
        "identifier": number, "given_name": given, "family_name": surname, "birth_date": birth,
        "street_address": chance.emptied(chance.slipped(address[home], 0.03), 0.25),
        "postcode": chance.emptied(postcode[home], 0.15),
        "phone": chance.emptied(telephone[household[person]], 0.6 if is_norway else 1.0),
    }  # fmt: skip
    return columns, person


def historical(size: int, chance: Chance) -> tuple[dict[str, Column], Column]:
    """Many variants of each person: few postcodes, birth dates on 1 January or missing, given names left out."""
    people = max(size // 10, 1)
    rng = chance.rng
    givens, families = foreign_names(chance)
    popularity = rng.gamma(2.0, 1.0, people)
    person = np.sort(rng.choice(people, size, p=popularity / popularity.sum()))
    names = chance.ranked(givens, people)[person], chance.ranked(families, people, 60)[person]
    given, surname = vary_names(*names, chance, families, hardness=2.5)
    born = rng.integers(-120_000, -30_000, people)
    born_on_new_year = (
        (born.astype("datetime64[D]").astype("datetime64[Y]")).astype("datetime64[D]").astype(int)
    )
    born = np.where(chance.happens(0.3, people), born_on_new_year, born)
    town = rng.integers(0, 300, people)
    place = town[person] * 8 + rng.integers(0, 4, size)
    towns = np.array([f"{a}{b}" for a in ONSETS for b in ENDINGS[:10]], object)
    columns = {
        "source": np.full(size, "list", object),
        "given_name": chance.emptied(given, 0.08), "family_name": surname,
        "birth_date": damage_dates(born[person], chance, 0.3),
        "postcode": chance.emptied(chance.slipped("AB" + place.astype(str).astype(object), 0.05), 0.3),
        "municipality_code": chance.emptied(chance.slipped(towns[town[person]], 0.04), 0.35),
    }  # fmt: skip
    return columns, person


def vary_names(
    given: Column, family: Column, chance: Chance, families: Column, hardness: float = 1.0
) -> tuple[Column, Column]:
    """Slips, transliterations, initials, swaps, double names and other family names (married)."""
    size = len(given)
    given, family = chance.slipped(given, 0.03 * hardness), chance.slipped(family, 0.03 * hardness)
    for column in (given, family):
        for place in np.flatnonzero(chance.happens(0.05 * hardness, size)):
            for written, otherwise in TRANSLITERATIONS.items():
                column[place] = column[place].replace(written, otherwise)
    initials = chance.happens(0.02 * hardness, size)
    given[initials] = [name[:1] for name in given[initials]]
    other = chance.ranked(families, size, 20)
    is_double = chance.happens(0.02 * hardness, size)
    family[is_double] = family[is_double] + "-" + other[is_double]
    family = np.where(chance.happens(0.01 * hardness, size), other, family)
    is_swapped = chance.happens(0.01 * hardness, size)
    return np.where(is_swapped, family, given), np.where(is_swapped, given, family)


def damage_dates(days: Column, chance: Chance, missing: float) -> Column:
    """Dates as objects: some missing, some known by year alone, some with day and month swapped or a day off."""
    dates = days.astype("datetime64[D]")
    dates = np.where(
        chance.happens(0.03, len(dates)), dates.astype("datetime64[Y]").astype("datetime64[D]"), dates
    )
    dates = np.where(chance.happens(0.01, len(dates)), dates + chance.rng.integers(-9, 9, len(dates)), dates)
    out = dates.astype(object)
    for place in np.flatnonzero(chance.happens(0.01, len(dates))):
        if out[place].day <= 12:
            out[place] = out[place].replace(day=out[place].month, month=out[place].day)
    out[chance.happens(missing, len(dates))] = None
    return out


def person_numbers(born: Column, rng: np.random.Generator, is_d_number: bool) -> Column:
    """Valid synthetic numbers of these birth days; where no control digit exists, or another person of that day has
    the number, another serial is drawn."""
    dates = born.astype("datetime64[D]")
    year = dates.astype("datetime64[Y]").astype(int) + 1970
    month = dates.astype("datetime64[M]").astype(int) % 12 + 1
    day = (dates - dates.astype("datetime64[M]")).astype(int) + 1
    head = (day + 40 * is_d_number) * 10_000 + (month + 80) * 100 + year % 100
    numbers = np.zeros(len(born), np.int64)
    left = np.arange(len(born))
    while len(left):
        serial = rng.integers(0, 500, len(left)) + 500 * (year[left] >= 2000)
        digits = np.array([(head[left] * 1000 + serial) // 10**p % 10 for p in range(8, -1, -1)])
        first = -(np.array([3, 7, 6, 1, 8, 9, 4, 5, 2]) @ digits) % 11
        second = -(np.array([5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) @ np.vstack([digits, first])) % 11
        numbers[left] = (head[left] * 1000 + serial) * 100 + first * 10 + second
        is_taken = np.ones(len(born), bool)
        is_taken[np.unique(numbers, return_index=True)[1]] = False
        is_taken[left[(first == 10) | (second == 10)]] = True
        left = np.flatnonzero(is_taken)
    return np.char.zfill(numbers.astype(str), 11).astype(object)


def write(columns: dict[str, Column], person: Column, chance: Chance, out: Path, name: str) -> None:
    out.mkdir(parents=True, exist_ok=True)
    size = len(person)
    order = chance.rng.permutation(size)
    keys = np.char.add("r", chance.rng.permutation(size).astype(str)).astype(object)
    source = columns["source"][order]
    table = {"source": source, "source_record_id": keys, "extract": np.full(size, "persons", object)}
    empty = np.full(size, None)
    table |= {held: columns.get(held, empty)[order] for held in COLUMNS}
    types = {held: pa.date32() if held == "birth_date" else pa.string() for held in table}
    pq.write_table(
        pa.table({held: pa.array(column, types[held]) for held, column in table.items()}),
        out / f"{name}.parquet",
    )
    truth = {"source": source, "source_record_id": keys, "true_person_id": person[order].astype(str)}
    pq.write_table(pa.table(truth), out / f"{name}_truth.parquet")
    print(out / f"{name}.parquet", out / f"{name}_truth.parquet")


if __name__ == "__main__":
    main()
