"""`akrim link train`: a new dated model from a table of person records.

In goes a Parquet file or the warehouse's records, out comes a model file that states what it was trained on: how many
records of which sources, a digest of their content, the seed and the sample sizes.
"""

from dataclasses import asdict, replace
from datetime import date
from pathlib import Path

import duckdb

from akrim.linkage.engine import count, open_engine, tables
from akrim.linkage.matching.standing import stand_alone
from akrim.linkage.model.file import Model, save_model, trained_here
from akrim.linkage.pipeline import find_persons, prepare
from akrim.linkage.quality.drift import profile
from akrim.linkage.quality.evaluation import read_parquet
from akrim.linkage.quality.held_out import hold_out
from akrim.linkage.quality.metrics import held_out_figures
from akrim.linkage.store import postgres as store
from akrim.linkage.training.train import TrainingPlan, train

# The broad blocking rules are left out: this model must stay cheap on a hundred times as many records.
THOROUGH = TrainingPlan(random_pairs=1e7, may_block_broadly=False)


def train_model(
    records: Path | None,
    day: date,
    folder: Path | None = None,
    plan: TrainingPlan = THOROUGH,
) -> Model:
    """Train on a file of person records, or on the warehouse's, and write the model.

    It links nothing before AKRIM_LINKAGE_MODEL names it. The folder is the installation's own unless one is given.
    """
    with open_engine() as con:
        if records is None:
            store.load_records(con)
        else:
            read_parquet(con, "records", records, ("source", "source_record_id"))
        prepare(con)
        model = train(con, plan)
        known = model.training | _provenance(con, plan) | _evaluated(con, model, plan)
        return save_model(con, replace(model, training=known), day, folder or trained_here())


def _evaluated(con: duckdb.DuckDBPyConnection, model: Model, plan: TrainingPlan) -> dict[str, object]:
    """How the new model links the records it was trained on, and the profile that later releases are held against."""
    stand_alone(con)
    find_persons(con, model)
    hold_out(con, model, str(plan.seed))
    return {
        "evaluation": [asdict(figure) for figure in held_out_figures(con)],
        "profile": profile(con, model),
    }


@tables(reads="standard")
def _provenance(con: duckdb.DuckDBPyConnection, plan: TrainingPlan) -> dict[str, object]:
    content = con.execute(
        "select md5(string_agg(s::varchar, '' order by record_key)) from standard s"
    ).fetchall()[0][0]
    sources = con.execute("select source, count(*) from standard group by all order by all").fetchall()
    return {
        "records": count(con, "standard"),
        "records_by_source": dict(sources),
        "content_digest": content,
        "plan": asdict(plan),
    }
