"""No file of a release shows a protected home or a person number, whatever the agencies sent: read as a centre reads them."""

import json
import os
import re
import socket
import subprocess
import sys
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pyarrow.parquet as pq
import pytest
import yaml
from akrim.settings import PROJECT_ROOT
from akrim.warehouse import embedded

from tests.hidden import canaries, world
from tests.hidden.canaries import Canary
from tests.hidden.searching import Search
from tests.hidden.watching import Watch
from tests.installation import inherited
from tests.releases.reading import text_of

pytestmark = [pytest.mark.slow, pytest.mark.installation, pytest.mark.timeout(1200)]

ALLOWED = yaml.safe_load(Path(__file__).with_name("allowed_places.yml").read_text("utf-8"))
# What may be shown, is named in every log, or goes by the DAGs: found where it belongs, it tells that the search reads there.
LISTENING = Path(__file__).with_name("listening")
LAMPS = [
    Canary("lamp", "orrhanev"),
    Canary("lamp", "2026-t1.1"),
    Canary("lamp", "unexpected_rows_expectation"),
    Canary("lamp", "node_id"),
    Canary("lamp", "two_releases"),
]
LIT = [
    "warehouse marts.persons", "warehouse shared_rows.persons", "warehouse landing.*", "warehouse meta.validation_results",
    "warehouse audit.events", "home/releases/*.html", "home/releases/*.pdf", "home/releases/*.xlsx", "home/releases/*.parquet",
    "home/releases/*.json", "home/outbox/oslo/*.age", "home/linkage/*.parquet", "home/logs/*.log", "output", "query",
    "airflow xcom", "airflow rendered_task_instance_fields", "airflow dag_run", "process command line", "temporary file",
]  # fmt: skip
RELEASES = [f"{period}.1" for period in world.PERIODS]


@dataclass(frozen=True)
class Run:
    """An installation that has published both releases: its folder, what was seen meanwhile, and what it said."""

    folder: Path
    watch: Watch
    output: str

    @property
    def home(self) -> Path:
        return self.folder / "home"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Both releases, made once for all these tests under the usual umask of a login; the installation's server is up."""
    folder = tmp_path_factory.mktemp("hidden")
    for name in ("tmp", "user"):
        (folder / name).mkdir()
    settings = {
        "AKRIM_HOME": str(folder / "home"), "TMPDIR": str(folder / "tmp"), "AKRIM_SMTP_PASSWORD": canaries.word("secret"),
        "HOME": str(folder / "user"), "PYTHONPATH": str(LISTENING), "REACHED": str(folder / "reached"),
    }  # fmt: skip
    # A network namespace without even a loopback; whoever is not root is only listened to.
    alone = ["unshare", "--net"] if os.geteuid() == 0 else []
    watch = Watch(folder / "home", folder / "tmp")
    watch.start()
    made = subprocess.run(
        [*alone, sys.executable, "-m", "tests.hidden.two_releases", str(folder / "inbox")],
        env=inherited() | settings, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False, umask=0o022,
    )  # fmt: skip
    watch.stop()
    assert made.returncode == 0, made.stderr
    outcomes = [json.loads(line) for line in made.stdout.splitlines() if line.startswith("{")]
    refused = [{entry["delivery_id"]: entry["code"] for entry in o["refused"]} for o in outcomes]
    assert [(o["release_id"], o["quarantined"]) for o in outcomes] == [
        (RELEASES[0], {}),
        (RELEASES[1], canaries.SET_ASIDE),
    ]
    assert refused == [{}, canaries.REFUSED]
    embedded.ensure_running(folder / "home" / "postgres")
    return Run(folder, watch, made.stdout + made.stderr)


@pytest.fixture(scope="module")
def home(run: Run) -> Path:
    return run.home


@pytest.fixture(scope="module")
def search(run: Run) -> Search:
    """Every place searched for every canary, and for what shows that a place was read."""
    home = run.home
    found = Search(
        [*canaries.all_canaries(), *canaries.keys_in(home / "keys"), *LAMPS],
        (home / "keys" / "demo").iterdir(),
    )
    found.database("warehouse", f"postgresql://akrim@localhost/akrim?host={home / 'postgres'}")
    found.folder("home", home, but=[home / "postgres" / "data"])
    found.folder("left in the temporary folder", run.folder / "tmp")
    found.text("output", run.output)
    for place, contents in run.watch.seen.items():
        for content in contents:
            found.content(place, content)
    return found


def is_here(line: str) -> bool:
    """Whether what a process reached for is this machine: a socket in a folder, the loopback, or its own name."""
    names = "|".join(map(re.escape, ("127.0.0.1", "::1", "localhost", socket.gethostname())))
    return bool(re.match(rf"socket\.\w+ (b?'/|\(?'({names})'(,|$))", line))


def texts(path: Path) -> Iterator[str]:
    """All that a file tells a reader."""
    if path.suffix == ".pdf":
        yield text_of(path)
    elif path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            yield from (book.read(name).decode(errors="replace") for name in book.namelist())
    elif path.suffix == ".parquet":
        yield json.dumps(pq.read_table(path).to_pylist(), default=str, ensure_ascii=False)
    else:
        yield path.read_text(encoding="utf-8", errors="replace")


def told(home: Path, release_id: str) -> dict[str, str]:
    """By file of the release, what it tells; in lower case, without escapes of JSON and HTML."""
    root = home / "releases" / release_id
    files = [path for path in root.rglob("*") if path.is_file() and path.suffix != ".minisig"]
    assert {path.suffix for path in files} >= {".html", ".pdf", ".xlsx", ".parquet", ".json"}
    return {
        path.relative_to(root).as_posix(): unicodedata.normalize(
            "NFC", re.sub(r"\\u([0-9a-f]{4})", lambda c: chr(int(c[1], 16)), "\n".join(texts(path)))
        ).lower()
        for path in files
    }


def of_the_second(home: Path, query: LiteralString) -> list[tuple[Any, ...]]:
    """What a query with a place for the release tells of the second one."""
    with psycopg.connect(f"postgresql://akrim@localhost/akrim?host={home / 'postgres'}") as connection:
        return connection.execute(query, [RELEASES[1]]).fetchall()


@pytest.mark.parametrize("release_id", RELEASES)
def test_no_file_shows_a_protected_home_whoever_bears_it(home: Path, release_id: str) -> None:
    later = world.PROTECTED_LATER if release_id == RELEASES[0] else ""
    secret = [word for word in world.SECRET_WORDS if word != later]
    found = told(home, release_id)
    assert [name for name, text in found.items() if any(word in text for word in secret)] == []
    # The files are read as they should be: what may be shown is found in all kinds of them.
    shown = {Path(name).suffix for name, text in found.items() if "orrhanev" in text}
    assert shown >= {".html", ".pdf", ".xlsx", ".parquet"}


@pytest.mark.parametrize("release_id", RELEASES)
def test_no_file_shows_a_person_number_from_a_text(home: Path, release_id: str) -> None:
    found = told(home, release_id)
    for number in world.MENTIONED:
        pattern = re.compile(r"\W{0,3}".join((number[:6], number[6:])))
        assert [name for name, text in found.items() if pattern.search(text)] == []
    masked = {Path(name).suffix for name, text in found.items() if "hansen *********** as" in text}
    assert masked >= {".html", ".xlsx", ".parquet"}
    assert not any("tips fra" in text for text in found.values())


def test_the_protected_reach_their_centre_without_any_place(home: Path) -> None:
    rows = of_the_second(
        home,
        "select family_name, street_address, postcode, municipality_code, has_protected_address from marts.persons"
        " where release_id = %s and family_name <> 'Testesen' order by family_name",
    )
    assert rows == [
        ("Aasland", None, None, None, True),
        ("Bratlie", None, None, None, True),
        ("Dahlum", None, None, None, True),
        # Lives where the protected one does: the street is hidden, the town is not.
        ("Egeland", None, None, "0301", False),
        ("Fjeldstad", world.SHOWN, "0450", "0301", False),
        ("Gjelsvik", None, None, None, True),
        ("Ukjent", None, None, None, True),
    ]
    centres = of_the_second(
        home,
        "select distinct centre_id from marts.named_persons join marts.persons using (release_id, person_id)"
        " where release_id = %s and family_name in ('Aasland', 'Bratlie', 'Dahlum')",
    )
    assert centres == [("oslo",)]


def test_enterprises_at_a_protected_home_show_no_address(home: Path) -> None:
    rows = of_the_second(
        home,
        "select enterprise_name, street_address, postcode, municipality_code from marts.enterprises"
        " where release_id = %s order by 1",
    )
    assert rows == [
        ("Aasland BYGG AS", None, None, "0301"),
        ("Bratlie BYGG AS", None, None, None),
        ("Egeland BYGG AS", "Industriveien 1", "0581", "0301"),
        ("Fjeldstad BYGG AS", "c/o ***********, Industriveien 5", "0581", "0301"),
        ("HANSEN *********** AS", None, None, "0301"),
    ]


def test_the_kept_results_of_validation_tell_of_nobody(home: Path) -> None:
    with psycopg.connect(f"postgresql://akrim@localhost/akrim?host={home / 'postgres'}") as connection:
        told = [
            row[0].lower() for row in connection.execute("select result::text from meta.validation_results")
        ]
    assert any("unexpected_rows_expectation" in text for text in told)
    names = [person.name.lower() for person in world.LEADERS]
    numbers = [person.ident for person in world.LEADERS] + world.MENTIONED
    for secret in (*world.SECRET_WORDS, *names, *numbers, "orrhanev"):
        assert not [text for text in told if secret in text], secret


def test_no_canary_lies_where_it_may_not(search: Search) -> None:
    """The answer to "can anything that must not enter, or travel, be found anywhere?": canaries by places, none found."""
    assert len(search.values) >= 50
    assert len(search.places) > 1000
    may = {
        (kind, place)
        for kind, place in search.found
        for pattern in ALLOWED.get(kind, ())
        if fnmatch(place, pattern)
    }
    assert sorted(search.found - may - {found for found in search.found if found[0] == "lamp"}) == []


def test_no_place_is_allowed_in_vain(search: Search) -> None:
    """Where a kind is never found, it is not allowed; and each kind that must lie somewhere is found there."""
    unused = [
        (kind, pattern)
        for kind, patterns in ALLOWED.items()
        for pattern in patterns
        if not any(found == kind and fnmatch(place, pattern) for found, place in search.found)
    ]
    assert unused == []
    assert set(ALLOWED) <= {kind for kind, _ in search.values}


@pytest.mark.parametrize("pattern", LIT)
def test_the_search_has_read_there(search: Search, pattern: str) -> None:
    assert [place for kind, place in search.found if kind == "lamp" and fnmatch(place, pattern)] != []


def test_nothing_is_left_of_deliveries_outside_the_database(run: Run) -> None:
    assert list((run.home / "spool").rglob("*")) == []
    assert list((run.folder / "tmp").rglob("*")) == []
    assert run.watch.seen["spool's name"]
    assert run.watch.seen["temporary file"]


def test_nobody_is_reached_over_a_network_and_nothing_is_written_elsewhere(run: Run) -> None:
    """No telemetry, no update check, no download: not tried, and as root not possible. A read-only root file system suffices."""
    reached = run.folder / "reached"
    asked = reached.read_text().splitlines() if reached.exists() else []
    assert [line for line in asked if not is_here(line)] == []
    assert list((run.folder / "user").rglob("*")) == []


def test_home_and_spool_are_never_open_to_others(run: Run) -> None:
    """Looked at several times a second from before they were made, under umask 022."""
    assert run.watch.open_to_others == set()
    ours = [
        path for path in run.home.rglob("*") if path.is_file() or path.is_dir()
    ]  # the server's socket is neither
    loose = [path for path in ours if path.lstat().st_mode & 0o077]
    assert [path for path in loose if run.home / "postgres" / "data" not in path.parents] == []
