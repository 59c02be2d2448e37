"""Check a resource's resolved properties against the resource schemas that cfn-lint bundles.

The sandbox provisions resources more kindly than AWS does; a template that passes here with a
misspelt property would fail there. The schemas are the ones CloudFormation's registry publishes.
"""

import json
import re
from functools import lru_cache

from cfnlint.schema._exceptions import ResourceNotFoundError
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

_BOOLEANS = {"true", "false"}


class PropertyError(ValueError):
    """Properties that CloudFormation would refuse; its text is the resource's status reason."""


def check_properties(resource_type: str, properties: dict, region: str) -> None:
    """Raise PropertyError when `properties` break the schema of `resource_type` in `region`.

    A type without a schema (a custom resource) is left alone.
    """
    schema = _schema(resource_type, region)
    if schema is None:
        return
    given = _without_aws_tags(properties)
    problems = list(_read_only(schema, given))
    problems += _problems(schema, schema, given, "#")
    if problems:
        raise PropertyError(
            "Properties validation failed for resource with message:\n" + "\n".join(problems)
            + f" (Resource type: {resource_type}, HandlerErrorCode: InvalidRequest)")


def permissions(resource_type: str, operation: str, region: str) -> list[str]:
    """The IAM actions the resource's `create`, `update` or `delete` handler declares."""
    schema = _schema(resource_type, region) or {}
    return schema.get("handlers", {}).get(operation, {}).get("permissions", [])


def recreation(resource_type: str, name: str, region: str) -> str | None:
    """`Always`, `Conditionally` or `Never`: whether changing the property replaces the resource.

    None for a type without a schema.
    """
    schema = _schema(resource_type, region)
    if schema is None:
        return None
    path = f"/properties/{name}"
    if path in schema.get("createOnlyProperties", []):
        return "Always"
    partly = schema.get("createOnlyProperties", []) + schema.get("conditionalCreateOnlyProperties", [])
    return "Conditionally" if any(p == path or p.startswith(path + "/") for p in partly) else "Never"


@lru_cache(maxsize=None)
def _schema(resource_type: str, region: str) -> dict | None:
    try:
        return PROVIDER_SCHEMA_MANAGER.get_resource_schema(region, resource_type).schema
    except (ResourceNotFoundError, KeyError):
        return None


def _without_aws_tags(properties: dict) -> dict:
    """The properties less the `aws:` tags, which CloudFormation itself adds."""
    kept = {}
    for name, value in properties.items():
        if isinstance(value, list):
            value = [v for v in value
                     if not (isinstance(v, dict) and str(v.get("Key", "")).startswith("aws:"))]
        elif isinstance(value, dict) and "Tags" in name:
            value = {k: v for k, v in value.items() if not k.startswith("aws:")}
        kept[name] = value
    return kept


def _read_only(schema: dict, given: dict):
    # A property that is both read-only and settable in some forms is listed with a deeper path.
    required = set(schema.get("required", []))
    for path in schema.get("readOnlyProperties", []):
        name = path.removeprefix("/properties/")
        if "/" not in name and name in given and name not in required:
            yield f"#: extraneous key [{name}] is not permitted, it is read-only"


def _problems(root: dict, schema, value, path: str) -> list[str]:
    if schema is True or schema is False or not isinstance(schema, dict):
        return []
    if "$ref" in schema:
        return _problems(root, _target(root, schema["$ref"]), value, path)
    kind_problem = _kind(schema.get("type"), value, path)
    if kind_problem:
        return [kind_problem]
    found = []
    if isinstance(value, dict):
        found += _object(root, schema, value, path)
    elif isinstance(value, list):
        found += _array(root, schema, value, path)
    else:
        found += _scalar(schema, value, path)
    for part in schema.get("allOf", []):
        found += _problems(root, part, value, path)
    for word in ("anyOf", "oneOf"):
        if word in schema:
            found += _alternatives(root, schema[word], value, path)
    return found


def _alternatives(root, parts, value, path) -> list[str]:
    tried = [_problems(root, part, value, path) for part in parts]
    return [] if any(not t for t in tried) else min(tried, key=len, default=[])


def _target(root: dict, reference: str) -> dict:
    node = root
    for step in reference.removeprefix("#/").split("/"):
        node = node[step.replace("~1", "/").replace("~0", "~")]
    return node


def _kind(kinds, value, path: str) -> str | None:
    if kinds is None:
        return None
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if any(_is(kind, value) for kind in kinds):
        return None
    wanted = " or ".join(kind.capitalize() for kind in kinds)
    return f"{path}: expected type: {wanted}, found: {_name(value)}"


def _is(kind: str, value) -> bool:
    """Whether CloudFormation takes `value` for `kind`: it converts between scalars and text."""
    text = value if isinstance(value, str) else None
    match kind:
        case "object":
            return isinstance(value, dict) or (text is not None and _json_object(text))
        case "array":
            return isinstance(value, list)
        case "string":
            return isinstance(value, (str, int, float))
        case "boolean":
            return isinstance(value, bool) or (text or "").lower() in _BOOLEANS
        case "integer":
            return (isinstance(value, int) and not isinstance(value, bool)) or bool(
                re.fullmatch(r"-?\d+", text or ""))
        case "number":
            return (isinstance(value, (int, float)) and not isinstance(value, bool)) or bool(
                re.fullmatch(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", text or ""))
        case _:
            return True


def _json_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _name(value) -> str:
    return {dict: "JSONObject", list: "JSONArray", bool: "Boolean", int: "Integer",
            float: "Double", str: "String"}.get(type(value), "null")


def _object(root, schema, value, path) -> list[str]:
    found = []
    declared = schema.get("properties", {})
    patterns = schema.get("patternProperties", {})
    for key in schema.get("required", []):
        if key not in value:
            found.append(f"{path}: required key [{key}] not found")
    for key, item in value.items():
        below = f"{path}/{key}"
        if key in declared:
            found += _problems(root, declared[key], item, below)
            continue
        matching = [s for p, s in patterns.items() if _matches(p, key)]
        for part in matching:
            found += _problems(root, part, item, below)
        extra = schema.get("additionalProperties", True)
        if not matching and extra is False:
            found.append(f"{path}: extraneous key [{key}] is not permitted")
        elif not matching and isinstance(extra, dict):
            found += _problems(root, extra, item, below)
    return found


def _array(root, schema, value, path) -> list[str]:
    found = []
    if len(value) < schema.get("minItems", 0):
        found.append(f"{path}: expected minimum item count: {schema['minItems']}, found: {len(value)}")
    if len(value) > schema.get("maxItems", len(value)):
        found.append(f"{path}: expected maximum item count: {schema['maxItems']}, found: {len(value)}")
    if schema.get("uniqueItems") and len({json.dumps(v, sort_keys=True, default=str) for v in value}) < len(value):
        found.append(f"{path}: array items are not unique")
    items = schema.get("items")
    if isinstance(items, dict):
        for index, item in enumerate(value):
            found += _problems(root, items, item, f"{path}/{index}")
    return found


def _scalar(schema, value, path) -> list[str]:
    found = []
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if "enum" in schema and text not in {str(e).lower() if isinstance(e, bool) else str(e) for e in schema["enum"]}:
        found.append(f"{path}: {text} is not a valid enum value")
    if "const" in schema and text != str(schema["const"]):
        found.append(f"{path}: {text} is not the constant {schema['const']}")
    if isinstance(value, str) and "pattern" in schema and not _matches(schema["pattern"], value):
        found.append(f"{path}: failed validation constraint for keyword [pattern]")
    if isinstance(value, str) and len(value) > schema.get("maxLength", len(value)):
        found.append(f"{path}: expected maxLength: {schema['maxLength']}, actual: {len(value)}")
    if isinstance(value, str) and len(value) < schema.get("minLength", 0):
        found.append(f"{path}: expected minLength: {schema['minLength']}, actual: {len(value)}")
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        number = float(text)
        if number < schema.get("minimum", number):
            found.append(f"{path}: {text} is not greater or equal to {schema['minimum']}")
        if number > schema.get("maximum", number):
            found.append(f"{path}: {text} is not less or equal to {schema['maximum']}")
    return found


@lru_cache(maxsize=None)
def _compiled(pattern: str):
    try:
        return re.compile(pattern)
    except re.error:
        return None  # a few schemas use a dialect that Python's engine doesn't read


def _matches(pattern: str, text: str) -> bool:
    compiled = _compiled(pattern)
    return compiled is None or compiled.search(text) is not None
