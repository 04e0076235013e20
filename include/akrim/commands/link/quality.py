"""`akrim link quality`: shows the stored figures of a release's linkage."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from akrim.commands.output import JsonOption, Screen, bare_table, print_json
from akrim.texts import texts

if TYPE_CHECKING:
    from akrim.linkage.quality import Drift, Figure, Quality

MEASURES = ("recall", "precision", "blocking_recall")


def quality(
    release_id: Annotated[
        str, typer.Option("--release", help="The release; the last one linked if none.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Show how right a release's linkage is: recall and precision by subgroup, with 95 % intervals in brackets, and drift.

    Held out: records whose known person number was taken away, and whether they still found their person. Reviewed:
    records that clerks have read (`akrim link review --sample`). A gap in recall of more than one percentage point
    between subgroups is shown in red.

    Example: akrim link quality --release 2026-T1.1
    """
    from akrim.linkage.quality import read_quality

    found = read_quality(release_id or None)
    if as_json:
        print_json(asdict(found) | {"drifts": [drift._asdict() for drift in found.drifts]})
        return
    console = Screen()
    for population in ("held_out", "reviewed"):
        _show_population(console, found, population)
    for figure in found.figures:
        if figure.measure == "parked":
            console.print(f"Parked: {_share(figure)} % of {figure.support:,}; {figure.note}.", style="dim")
    _show_drift(console, found)


def _show_population(console: Screen, found: "Quality", population: str) -> None:
    words = texts("en", "linkage")
    by_name = {(figure.measure, figure.subgroup): figure for figure in found.figures}
    measures = [name for name in MEASURES if (f"{name}_{population}", "all") in by_name]
    if not measures:
        return
    title = f"{found.release_id}: {words['populations'][population]} (in %)"
    table = bare_table(title=title, title_justify="left", pad_edge=False)
    table.add_column("", no_wrap=True)
    table.add_column("records", justify="right", no_wrap=True)
    for measure in measures:
        table.add_column(words["measures"][measure], justify="right", no_wrap=True)
    kind = ""
    for subgroup in _subgroups(found, f"{measures[0]}_{population}"):
        if (now := subgroup.partition("/")[0]) not in (kind, "all"):
            kind = now
            table.add_row(f"by {words['subgroups'][kind]}", style="italic")
        cells = [by_name.get((f"{measure}_{population}", subgroup)) for measure in measures]
        support = max((cell.support for cell in cells if cell), default=0)
        table.add_row(_subgroup(subgroup), f"{support:,}", *map(_share, cells))
    console.table(table)
    for figure in found.figures:
        if figure.measure == f"recall_{population}_gap":
            gap = f"Recall gap by {words['subgroups'][figure.subgroup]}: {_points(figure)}; {figure.note}"
            console.print(gap, style="bold red" if figure.is_wide_gap else "dim")
    console.print()


def _show_drift(console: Screen, found: "Quality") -> None:
    """The index against the base release is rated; the one against the training is only shown."""
    headers = ("distribution", "since the release before", "against the training")
    table = bare_table(*headers, title_justify="left", caption_justify="left")
    table.title = "Drift: how differently true pairs weigh, and which rules find them"
    table.caption = (
        "0 is none; above 0.25 a distribution is commonly called another one. Since the release before, much means that"
        " the records have changed: look at what came. Against the training, it says that these records are unlike those"
        " that the model learnt from, and that precision and recall above, not the model card's, are what to go by."
    )
    index = {drift.measure: drift for drift in found.drifts if drift.item == "all"}
    for measure in ("match_weight", "found_by"):
        base, training = index.get(f"{measure}_since_base"), index.get(measure)
        table.add_row(measure.replace("_", " "), _index(base, is_rated=True), _index(training))
    console.table(table)


def _index(drift: "Drift | None", is_rated: bool = False) -> str:
    if drift is None or drift.drift is None:
        return drift.note if drift else "not known"
    return f"{drift.drift:.3f} ({_rated(drift.drift)})" if is_rated else f"{drift.drift:.3f}"


def _rated(index: float) -> str:
    """The customary reading of a population stability index."""
    return "none to speak of" if index < 0.1 else "some" if index < 0.25 else "much"


def _subgroups(found: "Quality", measure: str) -> list[str]:
    """All first, then kind by kind."""
    names = {figure.subgroup for figure in found.figures if figure.measure == measure}
    return sorted(names, key=lambda name: (name != "all", name))


def _subgroup(name: str) -> str:
    _, _, member = name.partition("/")
    names: dict[str, str] = texts("en", "linkage")["subgroups"]
    return ("  " if member else "") + names.get(member or name, member)


def _share(figure: "Figure | None") -> str:
    if figure is None or figure.estimate is None or figure.low is None or figure.high is None:
        return "not known"
    value, low, high = (
        f"{100 * number:.1f}".replace("100.0", "100") for number in (figure.estimate, figure.low, figure.high)
    )
    return f"{value} ({low}–{high})"


def _points(figure: "Figure") -> str:
    low, high = 100 * (figure.low or 0.0), 100 * (figure.high or 0.0)
    return f"{100 * (figure.estimate or 0.0):.1f} points ({low:.1f} to {high:.1f})"
