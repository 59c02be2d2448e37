"""Where MiniStack's change sets differ from AWS's in what they list."""

from ministack.services.cloudformation import changesets
from ministack.services.cloudformation.engine import _evaluate_conditions

_resolve = changesets._resolve_props_for_diff


def install() -> None:
    """Leave resources whose condition is false out of the comparison."""
    changesets._resolve_props_for_diff = _without_absent


def _without_absent(template, parameters, stack_name, stack_id):
    if not template:
        return {}
    conditions = _evaluate_conditions(template, parameters)
    present = {name: resource for name, resource in template.get("Resources", {}).items()
               if conditions.get(resource.get("Condition"), True)}
    return _resolve({**template, "Resources": present}, parameters, stack_name, stack_id)
