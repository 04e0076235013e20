"""`akrim synth`: synthetic deliveries and their answer key."""

from pathlib import Path
from typing import Annotated

import typer

from akrim.commands.output import Screen

Out = Annotated[Path, typer.Option(help="The inbox to write to; truth/ is written beside it.")]
WhichPeriod = Annotated[str, typer.Option(help="A tertial, such as 2026-T1 (2015-T1 to 2032-T3).")]
Persons = Annotated[
    int, typer.Option(min=1000, max=6_000_000, help="How many persons the world has in 2026.")
]
Seed = Annotated[int, typer.Option(min=0, help="Another seed is another world.")]
Agencies = Annotated[
    list[str] | None,
    typer.Option("--agency", help="Whose deliveries, repeatable. Default: the five that send each period."),
]
Mode = Annotated[str, typer.Option(help="full, or delta: only what changed since the period before.")]
BadRows = Annotated[bool, typer.Option(help="About one row in 500 wrong on purpose.")]
Bad = Annotated[
    list[str] | None,
    typer.Option(help="Also a delivery that is refused with this code, repeatable; `all` for every one."),
]
Supersede = Annotated[
    bool, typer.Option("--supersede", help="Also a second delivery that replaces the first.")
]
Decisions = Annotated[
    Path | None,
    typer.Option(help="A release's folder: also the centres' decisions on it, as sentrene sends them."),
]


def synth(
    out: Out,
    period: WhichPeriod,
    persons: Persons = 2000,
    seed: Seed = 1,
    agencies: Agencies = None,
    mode: Mode = "full",
    bad_rows: BadRows = True,
    bad: Bad = None,
    supersede: Supersede = False,
    decisions: Decisions = None,
) -> None:
    """Make a synthetic Norway and write what its agencies would deliver for a period.

    No person, number or event in it is real. The world is decided by --seed and --persons alone, and a period is a cut
    through its time: ask for one period after the other, and the later ones contain the earlier ones, moved on. The
    same arguments give the same bytes. The answer key in truth/ (who every record is, who runs which network, which
    rows are wrong) is for measuring the pipeline and never for loading into it.

    Example: akrim synth --out inbox --period 2025-T3 --persons 5000 --seed 1

    Example: akrim synth --out inbox --period 2026-T1 --persons 5000 --seed 1 --mode delta --bad rows_mismatch
    """
    import pyarrow as pa

    from akrim.periods import Period
    from akrim.settings import get_settings
    from akrim.synthetic import Request, produce

    get_settings()  # an inbox below the home folder must not make that one, open to all
    # Arrow's own keeps what is free again: half a gigabyte at a country's size.
    pa.set_memory_pool(pa.system_memory_pool())
    console = Screen(stderr=True)
    request = Request(
        out, Period.parse(period), persons, seed, tuple(agencies or ()), mode, bad_rows, supersede, tuple(bad or ()), decisions
    )  # fmt: skip
    with console.status("a synthetic Norway") as status:
        produced = produce(request, status.update)
    for folder in produced.deliveries:
        print(folder)
    console.print(
        f"{produced.rows:,} rows in {len(produced.deliveries)} deliveries; answer key: {produced.truth}"
    )
