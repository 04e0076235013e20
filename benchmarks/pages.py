"""What each page inside Airflow costs the server, in milliseconds: median and slowest of some calls after a first.

    python benchmarks/pages.py var/home [--calls 7] [--most 300]

The home is one with at least one release. Pages are asked in process, by somebody who may everything, without Airflow around them: routes, queries,
templates and the audit log are the real ones, so that the log of that home gets its lines. Exit code 1 where a page's median is above --most.
"""

import argparse
import logging
import os
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

PURPOSE = "Benchmark of the pages, on synthetic data"
NAME = "benchmark"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("home", type=Path)
    parser.add_argument("--calls", type=int, default=7)
    parser.add_argument("--most", type=float, default=300.0, help="milliseconds that a page may cost")
    given = parser.parse_args()
    os.environ["AKRIM_HOME"] = str(given.home.resolve())
    slow = 0
    print("| page | median ms | slowest ms | status |\n| --- | ---: | ---: | ---: |")
    for name, median, slowest, status in measured(given.calls):
        slow += median > given.most
        print(f"| {name} | {median:.0f} | {slowest:.0f} | {status} |", flush=True)
    sys.exit(1 if slow else 0)


def measured(calls: int) -> Iterator[tuple[str, float, float, int]]:
    """Each page with its median, its slowest call and its status."""
    from akrim import warehouse
    from akrim.browser.access import Reader, Role, signed_in
    from akrim.browser.application import make_application
    from akrim.browser.purposes import COOKIE, signer
    from starlette.testclient import TestClient

    logging.disable(logging.INFO)  # the client's line for each call
    warehouse.prepare()
    application = make_application()
    everything = Reader(NAME, frozenset(Role), ("oslo",))
    application.dependency_overrides[signed_in] = lambda: everything
    client = TestClient(
        application,
        follow_redirects=False,
        raise_server_exceptions=False,
        cookies={COOKIE: signer().dumps([NAME, PURPOSE])},
    )
    for name, method, path, form in pages():
        times = []
        for _ in range(calls + 1):
            start = time.perf_counter()
            answer = client.request(method, path, data=form)
            times.append(1000 * (time.perf_counter() - start))
        yield name, statistics.median(times[1:]), max(times[1:]), answer.status_code


def pages() -> Iterator[tuple[str, str, str, dict[str, str] | None]]:
    """Every page that the home has something for: its name, and how it is asked."""
    for name in (
        "",
        "deliveries",
        "quarantine",
        "links",
        "persons",
        "releases",
        "rules",
        "rules/what-if",
        "rules/efficacy",
        "quality",
    ):
        yield f"/{name}", "GET", f"/{name}", None
    yield "/deliveries by rows", "GET", "/deliveries?sort=-loaded&page=2", None
    for name, query, address in SAMPLES:
        for row in _rows(query):
            yield name, "GET", address.format(*(quote(str(value), safe="") for value in row)), None
    for name, query in SEARCHES:
        for (asked,) in _rows(query):
            yield name, "POST", "/persons", {"asked": str(asked)}


NEWEST = "(select release_id from marts.releases where is_newest)"
SAMPLES = (
    ("a delivery", "select delivery_id from meta.deliveries where status = 'accepted' order by received_at desc limit 1", "/deliveries/{0}"),
    ("a pair", "select one, other from clerk.pairs limit 1", "/links/pair?one={0}&other={1}"),
    ("a person", f"select person_id from marts.assessments where release_id = {NEWEST} order by total_points desc limit 1", "/persons/{0}"),
    ("a network", f"select network_id from marts.network_assessments where release_id = {NEWEST} order by enterprises desc limit 1", "/groups/{0}"),
    (
        "an enterprise",
        f"select orgnr from marts.enterprise_assessments where release_id = {NEWEST} order by total_points desc limit 1",
        "/groups/{0}",
    ),
    ("a release", f"select {NEWEST}", "/releases/{0}"),
    (
        "two releases",
        "select later.release_id, earlier.release_id from meta.releases as later join meta.releases as earlier on earlier.as_of < later.as_of"
        " where later.status = 'published' and earlier.status in ('published', 'superseded') order by later.as_of desc limit 1",
        "/releases/{0}/changes?against={1}",
    ),
    ("a rule", f"select indicator_code from marts.rules where release_id = {NEWEST} limit 1", "/rules/{0}"),
)  # fmt: skip
LISTED = (
    f"from marts.assessments join marts.persons using (release_id, person_id) where release_id = {NEWEST}"
)
SEARCHES = (
    ("search by a name", f"select full_name {LISTED} and full_name like '%% %%' limit 1"),
    ("search by three letters", f"select left(full_name, 3) {LISTED} and length(full_name) > 3 limit 1"),
    ("search by a number", f"select orgnr from marts.roles join marts.assessments using (release_id, person_id) where release_id = {NEWEST} limit 1"),
    ("search in vain", "select 'Nobody Atall'"),
)  # fmt: skip


def _rows(query: str) -> list[tuple[object, ...]]:
    from akrim import warehouse

    with warehouse.connect() as connection:
        return connection.execute(query.encode().replace(b"%%", b"%")).fetchall()


if __name__ == "__main__":
    main()
