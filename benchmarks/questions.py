"""How long the analysts' questions take: python benchmarks/questions.py [--times 5] [--record].

Each query of docs/analysts.md is asked with `explain analyze`, by the analysts' login, of the warehouse that AKRIM_HOME names;
what counts is the least of planning and execution together, since others use the machine too. `--record` writes
benchmarks/questions.md. Exits 1 where a question takes longer than it may.
"""

import argparse
import re
import sys
from pathlib import Path

import psycopg
from akrim import warehouse

GUIDE = Path(__file__).parents[1] / "docs" / "analysts.md"
QUESTION = re.compile(r"^## (\d+)\. (.+?)\n.*?```sql\n(.*?)```", re.DOTALL | re.MULTILINE)
RECORD = Path(__file__).with_suffix(".md")
ALLOWED_MS = 100
SIZES = """
select (select count(*) from marts_current.persons) as persons, (select count(*) from marts_current.enterprises) as enterprises,
    (select count(*) from marts_current.indicator_observations) as observations,
    (select count(*) from marts.releases where published_at is not null) as releases
"""
TEXT = """# How long the analysts' questions take

Written by `python benchmarks/questions.py --record` on the home of a world of 100,000 persons (`akrim synth --persons 100000 --seed 7`, `akrim run`):
each question of [the analysts' guide](../docs/analysts.md) with `explain analyze`, by the analysts' login, the least of {times} times, planning and
execution together, on two cores that others used too. The newest release has {sizes}. Each may take {allowed} ms.

| question | ms |
|---|--:|
{rows}
"""


def main(times: int, is_recorded: bool) -> int:
    questions = QUESTION.findall(GUIDE.read_text(encoding="utf-8"))
    with warehouse.connect(warehouse.analyst_url()) as connection:
        connection.read_only = True
        # One round after the other, so that somebody else's busy moment does not fall on all times of one question.
        rounds = [[_milliseconds(connection, query) for *_, query in questions] for _ in range(times)]
        sizes = connection.execute(SIZES).fetchone() or ()
    least = map(min, zip(*rounds, strict=True))
    slowest = sorted(
        ((ms, number, title) for ms, (number, title, _) in zip(least, questions, strict=True)), reverse=True
    )
    for milliseconds, number, title in slowest:
        print(f"{milliseconds:8.1f} ms  {number:>2}. {title}")
    if is_recorded:
        rows = "\n".join(f"| {number}. {title} | {took:.1f} |" for took, number, title in slowest)
        named = ", ".join(
            f"{count:,} {name}"
            for count, name in zip(sizes, ("persons", "enterprises", "observations"), strict=False)
        )
        RECORD.write_text(
            TEXT.format(times=times, sizes=named, allowed=ALLOWED_MS, rows=rows), encoding="utf-8"
        )
    return int(slowest[0][0] > ALLOWED_MS)


def _milliseconds(connection: psycopg.Connection, query: str) -> float:
    (plan,) = connection.execute(
        f"explain (analyze, timing off, format json) {query}".encode()
    ).fetchone() or (None,)
    return float(plan[0]["Planning Time"] + plan[0]["Execution Time"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--record", action="store_true")
    arguments = parser.parse_args()
    sys.exit(main(arguments.times, arguments.record))
