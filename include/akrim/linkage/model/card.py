"""The model card: Markdown about a linkage model, generated from its own file so that the two cannot disagree."""

from math import log2
from typing import Any

from akrim.linkage.model.comparisons import level_in_words
from akrim.linkage.model.file import LinkageModel, chosen_model, model_folder, read_model
from akrim.texts import texts

INTENDED = """\
## Intended use

It decides which records of several agencies describe one person, so that an assessment covers a person once. It links
records; it assesses nobody. It was made for records with Norwegian names, addresses and person numbers. It is not intended
for finding out who somebody is, for linking without a clerk where a decision about a person rests on one weak link, or for
another country's records without new training (`akrim link train`). Nationality, origin and language are no input and have
no proxy among the comparisons; names are compared letter by letter, so that accuracy by kind of number and by how common a
name is is measured for each release (`akrim link quality`).

## Putting it into use

Training writes a model under the installation's home (`models/`) and changes nothing else. An operator reads its card
(`akrim link card MODEL`), evaluates it against a known truth (`akrim link evaluate --model MODEL`), and sets
AKRIM_LINKAGE_MODEL to its name. The next release pins it, names it in its manifest, and relinks every record; persons keep
their ids as far as their records stay together. Removing the setting returns to the newest model that comes with the code.
"""

LIMITS = """\
## Limits

- The figures above are for its training records with a valid person number, treated as if it were missing. People who never
  had a number may be harder to link; reviewed samples measure that.
- Numbers that name and birth date contradict are taken as borrowed and left out of the figures.
- Weights add up as if fields were independent. Twins, households and namesakes violate that; the guards correct for it.
- The synthetic records it comes trained on have no real-world drift. `akrim link quality` shows how far a release differs.
"""


def model_card(name: str | None = None) -> str:
    """The card of a model, by default of the chosen one, as Markdown."""
    name = name or chosen_model()
    model = read_model(name, model_folder(name))
    parts = (
        f"# Linkage model {name}\n\nWritten by `make model-card` from the model's file; not edited by hand.\n",
        INTENDED,
        _training(model),
        _evaluation(model),
        LIMITS,
        _weights(model),
        _rules(model),
    )
    return "\n".join(parts)


def _training(model: LinkageModel) -> str:
    training = model.training
    plan = training.get("plan", {})
    sources = ", ".join(
        f"{source} {records:,}" for source, records in training.get("records_by_source", {}).items()
    )
    labels = (
        "pairs that a valid person number labels"
        if training.get("labelled")
        else "expectation maximisation alone"
    )
    return f"""\
## What it was trained on

| | |
| --- | --- |
| date | {model.name[:10]} |
| records | {training.get("records", 0):,} ({sources}) |
| digest of their content | `{training.get("content_digest", "not known")}` |
| seed | {plan.get("seed", "not known")} |
| random pairs for u | {plan.get("random_pairs", 0):,.0f} |
| m from | {labels} |
"""


def _evaluation(model: LinkageModel) -> str:
    figures = model.training.get("evaluation")
    if not figures:
        return "## Accuracy\n\nThis model was trained before evaluations were kept with it.\n"
    words = texts("en", "linkage")
    by_subgroup: dict[str, dict[str, Any]] = {}
    for figure in figures:
        by_subgroup.setdefault(figure["subgroup"], {})[figure["measure"]] = figure
    rows = [
        f"| {_subgroup(name, words)} | {figures_of['recall_held_out']['support']:,} | {_share(figures_of['recall_held_out'])}"
        f" | {_share(figures_of['precision_held_out'])} |"
        for name, figures_of in sorted(by_subgroup.items(), key=lambda item: (item[0] != "all", item[0]))
        if "recall_held_out" in figures_of
    ]
    gaps = [
        f"- Recall gap by {words['subgroups'][figure['subgroup']]}: {100 * figure['estimate']:.1f} percentage points"
        f" ({figure['note']})"
        for figure in figures
        if figure["measure"] == "recall_held_out_gap"
    ]
    head = "| | records | recall, % | precision, % |\n| --- | ---: | ---: | ---: |"
    note = "Records with a valid person number, as if it were missing; 95 % intervals in brackets."
    return "\n".join(["## Accuracy", "", note, "", head, *rows, "", *gaps, ""])


def _subgroup(name: str, words: dict[str, Any]) -> str:
    kind, _, member = name.partition("/")
    names: dict[str, str] = words["subgroups"]
    return names[kind] + (f": {names.get(member, member)}" if member else "")


def _share(figure: dict[str, Any]) -> str:
    if figure["estimate"] is None:
        return "not known"
    return f"{100 * figure['estimate']:.1f} ({100 * figure['low']:.1f}–{100 * figure['high']:.1f})"


def _weights(model: LinkageModel) -> str:
    words = texts("en", "linkage")
    prior = model.settings["probability_two_random_records_match"]
    lines = [
        "## What each agreement weighs",
        "",
        "In bits: one bit doubles the odds that two records are one person. m is how often records of one person agree so,",
        "u how often those of two persons do. Rare names weigh more than the table says, common ones less.",
        "",
        f"The starting point is {log2(prior / (1 - prior)):+.1f}: one pair in {1 / prior:,.0f} is one person.",
        "",
        "| comparison | agreement | m | u | weight |",
        "| --- | --- | ---: | ---: | ---: |",
    ]
    for comparison in model.settings["comparisons"]:
        name = comparison["output_column_name"]
        for level in comparison["comparison_levels"]:
            if level.get("is_null_level"):
                continue
            m, u = level["m_probability"], level["u_probability"]
            lines.append(
                f"| {_in_words(words['comparisons'], name)} | {level_in_words(level['label_for_charts'], 'en')}"
                f" | {m:.4f} | {u:.2g} | {log2(m / u):+.1f} |"
            )
    return "\n".join([*lines, ""])


def _in_words(words: dict[str, str], name: str) -> str:
    return words.get(name) or name.replace("_", " ")


def _rules(model: LinkageModel) -> str:
    thresholds = ", ".join(f"{name} {weight:g}" for name, weight in sorted(model.thresholds.items()))
    guards = "\n".join(
        f"- {_in_words(texts('en', 'linkage')['guards'], name)} (`{name}`)" for name in model.guards
    )
    blocking = len(model.settings["blocking_rules_to_generate_predictions"])
    return f"""\
## Thresholds and guards

Match weights in bits: {thresholds}. A join needs more than a break. Two different valid numbers of one kind are never one
person. {blocking} blocking rules choose the pairs that are looked at. These guards hold a pair apart whatever it weighs:

{guards}
"""
