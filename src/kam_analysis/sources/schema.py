"""JSON schema of the source profile, for editors: ``python -m kam_analysis.sources.schema > sources/schema.json``."""

from __future__ import annotations

import json
import sys

from kam_analysis.sources.profile import ORDER_ROLES, Profile
from kam_analysis.tables import OPTIONAL


def schema_text() -> str:
    """Text of ``sources/schema.json``; the roles of columns are listed per table."""
    schema = Profile.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    for definition in ("FileTable", "Orders"):
        files = schema["$defs"][definition]["properties"]["files"]
        schema["$defs"][definition]["properties"]["files"] = {"anyOf": [{"type": "string"}, files]}
    schema["$defs"]["Orders"]["properties"]["columns"]["propertyNames"] = {"enum": list(ORDER_ROLES)}
    for name, table in OPTIONAL.items():
        roles = {"properties": {"columns": {"propertyNames": {"enum": table.names}}}}
        schema["properties"][name] = {"allOf": [schema["properties"][name], roles]}
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema_text())
