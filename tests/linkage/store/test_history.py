"""Person ids through random histories of merges and splits: every id ever given resolves to a current one."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.linkage.store.test_person_ids import assign

RECORDS = tuple(f"s/{number}" for number in range(7))
# For each period, the group that each record is in; -1 where it is not delivered.
HISTORIES = st.lists(
    st.lists(st.integers(-1, 3), min_size=len(RECORDS), max_size=len(RECORDS)), min_size=1, max_size=6
)


@settings(max_examples=25)
@given(HISTORIES)
def test_old_ids_resolve_for_ever_and_unchanged_persons_keep_theirs(history: list[list[int]]) -> None:
    existing: dict[str, str] = {}
    ages: dict[str, int] = {}
    merged: dict[str, str] = {}
    for period, groups in enumerate(history):
        clusters = {
            group: [key for key, mine in zip(RECORDS, groups, strict=True) if mine == group]
            for group in sorted(set(groups) - {-1})
        }
        if not clusters:
            continue
        before = {key: resolve(person, merged) for key, person in existing.items()}
        assigned, changes = assign(clusters, before, ages)
        assert len(set(assigned.values())) == len(clusters), "one person, one id"
        shuffled, _ = assign({-group: keys[::-1] for group, keys in clusters.items()}, before, ages)
        assert {-group: person for group, person in assigned.items()} == shuffled, "order plays no part"
        for group, keys in clusters.items():
            held = {before[key] for key in keys if key in before}
            alone = {key for key, person in before.items() if person in held}
            if len(held) == 1 and alone <= set(keys):
                assert assigned[group] in held, "who is unchanged keeps the id"
        for old, new, change in changes:
            if change == "merged":
                assert old not in merged, "an id is spent once"
                merged[old] = new
        for person in assigned.values():
            ages.setdefault(person, period)
            assert person not in merged, "a spent id is not given again"
        existing = before | {key: assigned[group] for group, keys in clusters.items() for key in keys}
        current = {resolve(person, merged) for person in existing.values()}
        assert {resolve(person, merged) for person in ages} <= current, "no id leads nowhere"


def resolve(person: str, merged: dict[str, str]) -> str:
    """The current id that an id stands for."""
    seen = set()
    while person in merged:
        assert person not in seen, "the history goes in a circle"
        seen.add(person)
        person = merged[person]
    return person
