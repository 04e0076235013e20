"""An incremental run equals a full relink, whatever happened before."""

import random
import shutil
from collections.abc import Callable

import psycopg
import pytest
from akrim import warehouse as warehouse_module
from akrim.linkage import runs
from akrim.linkage.store import cache

from tests.linkage.conftest import everything
from tests.linkage.incremental.histories import give_verdicts, history

RELEASES = ("2026-T1.1", "2026-T2.1", "2026-T3.1", "2027-T1.1")
# The last step of a run fails as it would if the database went away, after all else was done.
FAIL = """
create function linkage.fail() returns trigger language plpgsql as $$ begin raise exception 'gone'; end $$;
create trigger fail before insert on linkage.runs execute function linkage.fail();
"""
MEND = "drop function linkage.fail cascade"


def layers() -> int:
    """The number of layers of the newest cache."""
    folders = [path for path in cache.caches().iterdir() if not path.name.startswith(".")]
    return max(len(cache.Cache(folder).layers) for folder in folders)


@pytest.mark.slow
@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("seed", range(2))
def test_an_incremental_run_equals_a_full_relink(
    seed: int, stage: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "MAX_SHARE_OF_UPPER_LAYERS", 9)
    base, deepest, chance = None, 0, random.Random(seed)
    for period, (records, release_id) in enumerate(zip(history(seed), RELEASES, strict=False)):
        stage(records, release_id, base)
        if period == 1 and seed == 0:
            shutil.rmtree(cache.caches())
        if period == 2 and seed == 1:
            _fail_at_the_end(release_id)
        summary = runs.link(release_id, in_full=True)
        left = everything()
        if base:  # the next release goes on from what an incremental run has left
            assert runs.link(release_id) == summary
            assert everything() == left
        deepest = max(deepest, layers())
        give_verdicts(chance)
        base = release_id
    assert deepest > 2, "no run went on from an incremental one"


def _fail_at_the_end(release_id: str) -> None:
    before, caches = everything(), sorted(cache.caches().iterdir())
    with warehouse_module.connect() as connection:
        connection.execute(FAIL)
    with pytest.raises(psycopg.DatabaseError):
        runs.link(release_id)
    with warehouse_module.connect() as connection:
        connection.execute(MEND)
    assert (everything(), sorted(cache.caches().iterdir())) == (before, caches)
