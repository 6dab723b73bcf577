"""The shape of every fact's data as JSON Schema 2020-12, made from the fact's class.

A shape is published under the name that facts carry as `dataschema`. It changes only with a new
version: the tests keep what was once published.
"""

import json
from pathlib import Path
from typing import Any

from shared.envelope import SCHEMA_PREFIX
from shared.event_log.mapper import OUTSIDE_THE_DATA
from shared.event_log.names import adapter_of, fact_classes
from shared.work.common.fact import Fact

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(fact: type[Fact]) -> dict[str, Any]:
    """The schema of the data of a fact in its newest version; every field is always present."""
    made = adapter_of(fact).json_schema(mode="serialization")
    fields = {name: shape for name, shape in made["properties"].items() if name not in OUTSIDE_THE_DATA}
    return made | {
        "$schema": DIALECT,
        "$id": f"{SCHEMA_PREFIX}{fact.TOPIC}.v{fact.class_version}",
        "title": fact.TOPIC,
        "properties": fields,
        "required": sorted(fields),
        "additionalProperties": False,
    }


def schemas() -> dict[str, dict[str, Any]]:
    """The schema of every fact by its name with version, such as `case.registered.v1`."""
    facts = fact_classes().values()
    return {f"{fact.TOPIC}.v{fact.class_version}": schema_of(fact) for fact in facts}


def write_schemas(folder: Path) -> None:
    """Write one file for each fact, `<name>.v<version>.json`."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, schema in schemas().items():
        (folder / f"{name}.json").write_text(schema_text(schema), encoding="utf-8")


def schema_text(schema: dict[str, Any]) -> str:
    """A schema as people read it, always the same."""
    return json.dumps(schema, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
