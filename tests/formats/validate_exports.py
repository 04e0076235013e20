"""FollowTheMoney's and BODS' own validators on a release's exports; run by test_exports in the validators' environment.

Their dependencies do not go together with ours (ICU, an older SQLAlchemy; libcovebods is AGPL and only ever a tool).
Prints what is wrong as a JSON list; an empty one means valid.
"""

import json
import sys
from pathlib import Path
from typing import Any

import libcovebods.run_tasks
from followthemoney import model
from followthemoney.exc import InvalidData
from libcovebods.additionalfields import AdditionalFields
from libcovebods.config import LibCoveBODSConfig
from libcovebods.data_reader import DataReader
from libcovebods.jsonschemavalidate import JSONSchemaValidator
from libcovebods.schema import SchemaBODS
from libcovebods.tasks.checks import legacy_checks, record_based_checks

# The check on identifiers fetches the list of registers from the web; the one that we use stands here.
for checks in (legacy_checks, record_based_checks):
    checks.get_orgids_prefixes = lambda *_: ["NO-BRC"]


def ftm_problems(path: Path) -> list[str]:
    """What FollowTheMoney refuses: unknown schemas and properties, values that it cannot read, loose ends."""
    problems = []
    entities = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    schemas = {entity["id"]: model[entity["schema"]] for entity in entities}
    for entity in entities:
        schema = schemas[entity["id"]]
        try:
            schema.validate(entity)
        except InvalidData as error:
            problems.append(f"{entity['schema']}: {error.errors}")
        proxy = model.get_proxy(entity, cleaned=False)
        for name, values in entity["properties"].items():
            if sorted(proxy.get(name)) != sorted(values):
                problems.append(f"{entity['schema']}.{name} is not read as written")
            target = schema.properties[name].range
            if target is not None and not all(schemas[value].is_a(target) for value in values):
                problems.append(f"{entity['schema']}.{name} points at nothing of its kind")
        problems += [f"{schema.name} lacks {name}" for name in schema.required if not proxy.get(name)]
    return problems


def bods_problems(path: Path) -> list[Any]:
    """What the schema, the standard's normative rules and the list of known fields find."""
    reader, config = DataReader(str(path)), LibCoveBODSConfig()
    schema = SchemaBODS(reader, config)
    checks = libcovebods.run_tasks.process_additional_checks(
        reader, config, schema, libcovebods.run_tasks.TASK_CLASSES
    )
    return [
        *(error.json() for error in JSONSchemaValidator(schema).validate(reader)),
        *checks["additional_checks"],
        *AdditionalFields(schema).process(reader),
    ]


if __name__ == "__main__":
    exports = Path(sys.argv[1])
    sys.stdout.write(json.dumps(ftm_problems(exports / "ftm.jsonl") + bods_problems(exports / "bods.json")))
