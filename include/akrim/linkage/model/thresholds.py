"""At which match weights pairs make persons, in bits: 0 is as likely one person as two."""

# Pairs below are dropped.
CONSIDER = -2.0
# Where a model joins the records that it was trained on: at evens, or below where no valid numbers have joined what is certain,
# so that most is yet to be found (benchmarks/linkage.md, "Where to join").
JOIN_LABELLED, JOIN_UNLABELLED = 0.0, -0.5
# Where a model that is kept joins records that it has not seen: names that it does not know weigh too much, and to give somebody
# another's record is worse than to miss one.
JOIN_UNSEEN = 2.0
# The weight of a pair that no blocking rule found.
UNSEEN_PAIR_WEIGHT = -2.0


def thresholds(join: float) -> dict[str, float]:
    """The match weights of `consider`, `break` and `join`: groups join at the last, and parts of an existing person stay together
    down to `break`, a doubling of the records below it (`LinkageModel.for_release`)."""
    return {"consider": CONSIDER, "break": join - 1, "join": join}
