"""The folder of a delivery's Data Docs: a page for each extract's results, one for its suite, and an index."""

import os
import shutil
import warnings
from pathlib import Path
from typing import Any

from akrim.characters import neutral_name
from akrim.errors import UserError
from akrim.settings import get_settings
from akrim.warehouse import connect

# An accepted delivery goes before what was refused under its id, and the latest refusal before earlier ones.
RESULTS = """
    select array_agg(v.result order by v.extract) filter (where v.extract is not null)
    from meta.deliveries as d left join meta.validation_results as v using (delivery_id, manifest_sha256)
    where d.delivery_id = %s
    group by d.delivery_id, d.manifest_sha256
    order by d.status = 'accepted' desc, d.received_at desc limit 1
"""


def build_data_docs(delivery_id: str) -> Path:
    """Build the pages anew from what is kept; returns the path of the first one.

    Raises UserError where no such delivery came, or nothing of it was validated.
    """
    with connect() as connection:
        row = connection.execute(RESULTS, [delivery_id]).fetchone()
    if row is None:
        raise UserError(
            f"No delivery {neutral_name(delivery_id)} came.",
            "meta.deliveries",
            "`akrim deliveries` shows what came.",
        )
    if row[0] is None:
        raise UserError(
            f"No validation results are kept of {neutral_name(delivery_id)}.",
            "meta.validation_results",
            "It was refused before its rows were validated, or came to an older version. `akrim deliveries` says why.",
        )
    folder = get_settings().home / "data-docs" / delivery_id
    shutil.rmtree(folder, ignore_errors=True)
    os.umask(0o077)
    _build(folder, row[0])
    return folder / "index.html"


def _build(folder: Path, results: list[dict[str, Any]]) -> None:
    # Great Expectations imports Spark where it is there, which warns of a pandas that nothing here gives it.
    warnings.filterwarnings("ignore", category=FutureWarning, module="pyspark")
    import great_expectations as gx  # takes seconds
    from great_expectations.core import ExpectationSuiteValidationResultSchema
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    from akrim.deliveries.validation import quiet_context

    context = quiet_context()
    for kept in results:
        result = ExpectationSuiteValidationResultSchema().load(kept)
        expectations = [one.expectation_config.to_domain_obj() for one in result.results]
        context.suites.add(gx.ExpectationSuite(name=result.suite_name, expectations=expectations))
        key = ValidationResultIdentifier(
            expectation_suite_identifier=ExpectationSuiteIdentifier(name=result.suite_name),
            run_id=result.meta["run_id"],
            batch_identifier=result.suite_name,
        )
        context.validation_results_store.add(key, result)
    context.add_data_docs_site(folder.name, _site(folder))
    context.build_data_docs(site_names=[folder.name])
    # Our pages use none of these files, and one names a picture on another machine.
    shutil.rmtree(folder / "static")


def _site(folder: Path) -> Any:
    """The default site, but for its templates and links to lessons."""
    view = {"module_name": "akrim.deliveries.data_docs.views"}
    page, index = view | {"class_name": "OfflinePageView"}, view | {"class_name": "OfflineIndexPageView"}
    return {
        "class_name": "SiteBuilder",
        "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder)},
        "show_how_to_buttons": False,
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder", "view": index},
        "site_section_builders": {
            "expectations": {"view": page},
            "validations": {"view": page},
            "profiling": "none",  # as Great Expectations says that a section is left out
        },
    }
