"""`akrim link train`: a new dated model from a Parquet file or the warehouse's records.

The model file states what it was trained on: records by source, a digest of their content, the seed and sample sizes.
"""

from dataclasses import asdict, replace
from datetime import date
from pathlib import Path

import duckdb

from akrim.linkage.engine import count, open_engine, tables
from akrim.linkage.matching.existing_persons import start_empty
from akrim.linkage.model.file import LinkageModel, own_models, save_model
from akrim.linkage.model.thresholds import JOIN_UNSEEN, thresholds
from akrim.linkage.pipeline import find_persons, prepare
from akrim.linkage.quality.drift import profile
from akrim.linkage.quality.held_out import hold_out
from akrim.linkage.quality.metrics import held_out_figures
from akrim.linkage.runs.evaluation import KEYS, check_keys, read_parquet
from akrim.linkage.store import postgres as store
from akrim.linkage.training.train import TrainingPlan, train

# Without the broad blocking rules: the model must stay cheap on a hundred times as many records.
THOROUGH = TrainingPlan(random_pairs=1e7, may_block_broadly=False)


def train_model(
    records: Path | None, day: date, folder: Path | None = None, plan: TrainingPlan = THOROUGH
) -> LinkageModel:
    """Train on a file of person records, or on the warehouse's, and write the model to a folder, by default the installation's own.

    It is not used before AKRIM_LINKAGE_MODEL names it.
    """
    with open_engine() as con:
        if records is None:
            store.load_records(con)
        else:
            read_parquet(con, "records", records, KEYS)
            check_keys(con, records)
        start_empty(con)
        prepare(con)
        model = replace(train(con, plan), thresholds=thresholds(JOIN_UNSEEN))
        known = model.training | _provenance(con, plan) | _evaluated(con, model, plan)
        return save_model(con, replace(model, training=known), day, folder or own_models())


def _evaluated(con: duckdb.DuckDBPyConnection, model: LinkageModel, plan: TrainingPlan) -> dict[str, object]:
    """How well the new model links its training records, and the profile that later releases are compared with."""
    find_persons(con, model)
    hold_out(con, model, str(plan.seed))
    return {
        "evaluation": [asdict(figure) for figure in held_out_figures(con)],
        "profile": profile(con, model),
    }


@tables(reads="standard")
def _provenance(con: duckdb.DuckDBPyConnection, plan: TrainingPlan) -> dict[str, object]:
    content = con.execute(
        "select md5(string_agg(s::varchar, '' order by record_key)) from (select columns(lambda c: c <> 'digest') from standard) s"
    ).fetchall()[0][0]
    sources = con.execute("select source, count(*) from standard group by all order by all").fetchall()
    return {
        "records": count(con, "standard"),
        "records_by_source": dict(sources),
        "content_digest": content,
        "plan": asdict(plan),
    }
