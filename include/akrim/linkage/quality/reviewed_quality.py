"""What clerks have read of a review sample shows of the whole linkage: precision and recall.

Once all of an anchor's pairs have a verdict, its true cluster is known as far as clerks can know it. The figures compare those
clusters with the persons at the time of drawing, since the verdicts themselves change later ones. Pairs that no rule found stay
unseen, so that recall is an upper bound.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from math import comb
from typing import Any

import psycopg
from psycopg import sql

from akrim.linkage.quality.estimators import Estimate, ratio
from akrim.linkage.quality.metrics import Figure, recall_gaps
from akrim.linkage.quality.review_samples import IS_ANCHOR, VERDICT
from akrim.warehouse import read_rows


@dataclass(frozen=True)
class ReviewedCluster:
    """An anchor's true cluster according to clerks: for each linked person, its size and how many of its records belong."""

    subgroups: tuple[str, ...]
    anchors_person: str
    persons: dict[str, tuple[int, int]]

    @property
    def size(self) -> int:
        return sum(belonging for _, belonging in self.persons.values())

    @property
    def right_pairs(self) -> int:
        return sum(comb(belonging, 2) for _, belonging in self.persons.values())

    @property
    def found_pairs(self) -> float:
        """Half of the links of each record in this cluster, so that each link is counted once in total."""
        return sum(belonging * (size - 1) for size, belonging in self.persons.values()) / 2

    @property
    def kept_together(self) -> tuple[int, int]:
        """The size of the anchor's own person and how many of its records belong."""
        return self.persons[self.anchors_person]


def reviewed_figures(connection: psycopg.Connection) -> list[Figure]:
    """Precision and recall from the newest sample with a completely read anchor."""
    by_sample: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in read_rows(connection, READ_ROWS):
        by_sample[row["sample_id"]].append(row)
    for sample_id in sorted(by_sample, reverse=True):
        clusters, unsure = reviewed_clusters(by_sample[sample_id])
        if clusters:
            release_id = by_sample[sample_id][0]["release_id"]
            note = f"drawn from {release_id}, {len(clusters)} records read, {unsure} left out as unsure; a ceiling for recall"
            return estimate_quality(clusters, note)
    return []


READ_ROWS = sql.SQL("""
select c.*, s.release_id, {is_anchor} as is_anchor, v.verdict
from linkage.review_sample_records c join linkage.review_samples s using (sample_id) {verdict}
where exists (select 1 from linkage.link_decisions d where d.sample_id = c.sample_id)
order by c.sample_id, c.anchor_source, c.anchor_source_record_id, c.source, c.source_record_id
""").format(is_anchor=IS_ANCHOR, verdict=VERDICT)


def reviewed_clusters(rows: Iterable[dict[str, Any]]) -> tuple[list[ReviewedCluster], int]:
    """The true clusters of completely read anchors, and how many were left out as unsure."""
    by_anchor: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_anchor[row["anchor_source"], row["anchor_source_record_id"]].append(row)
    clusters, unsure = [], 0
    for members in by_anchor.values():
        anchor = next(row for row in members if row["is_anchor"])
        verdicts = {row["verdict"] for row in members if not row["is_anchor"]}
        if None in verdicts:
            continue
        if "unsure" in verdicts:
            unsure += 1
            continue
        persons: dict[str, tuple[int, int]] = {}
        for row in members:
            if row["is_anchor"] or row["verdict"] == "same":
                _, belonging = persons.get(row["person_id"], (0, 0))
                persons[row["person_id"]] = (row["person_records"], belonging + row["stands_for"])
        subgroups: tuple[str, ...] = ("all", f"source/{anchor['anchor_source']}")
        subgroups += tuple(
            f"{kind}/{anchor[column]}"
            for kind, column in (("number", "number_kind"), ("name", "name_band"))
            if anchor[column]
        )
        clusters.append(ReviewedCluster(subgroups, anchor["person_id"], persons))
    return clusters, unsure


def estimate_quality(clusters: list[ReviewedCluster], note: str) -> list[Figure]:
    """Pairwise and B-cubed precision and recall, for all and by subgroup of the anchor.

    A cluster's chance of being drawn is proportional to its size, so that it is weighted by one over its size.
    """
    figures = []
    for subgroup in sorted({name for cluster in clusters for name in cluster.subgroups}):
        members = [cluster for cluster in clusters if subgroup in cluster.subgroups]
        for measure, estimate in _estimates(members).items():
            figures.append(Figure.of(f"{measure}_reviewed", subgroup, estimate, note))
    return [*figures, *recall_gaps(figures, "recall_reviewed")]


def _estimates(clusters: list[ReviewedCluster]) -> dict[str, Estimate | None]:
    right = [cluster.right_pairs / cluster.size for cluster in clusters]
    together = [cluster.kept_together for cluster in clusters]
    one = [1.0] * len(clusters)
    return {
        "precision": ratio(right, [cluster.found_pairs / cluster.size for cluster in clusters]),
        "recall": ratio(right, [comb(cluster.size, 2) / cluster.size for cluster in clusters]),
        "b_cubed_precision": ratio([belonging / size for size, belonging in together], one),
        "b_cubed_recall": ratio(
            [belonging / cluster.size for (_, belonging), cluster in zip(together, clusters, strict=True)],
            one,
        ),
    }
