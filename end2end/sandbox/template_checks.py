"""What CloudFormation finds wrong in a template before it makes anything, and MiniStack does not.

Wordings are AWS's own as its users report them.
"""

import re

from cfnlint.schema._exceptions import ResourceNotFoundError
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from ministack.core.responses import get_region
from ministack.services.cloudformation.engine import (
    _apply_transforms,
    _evaluate_conditions,
    _intrinsic_references,
    _parse_template,
    _resolve_parameters,
    _topological_sort,
)

_RESOURCE_MEMBERS = {"Type", "Properties", "DependsOn", "Condition", "Metadata", "CreationPolicy", "UpdatePolicy",
                     "UpdateReplacePolicy", "DeletionPolicy"}


def template_problem(body: str, given: list[dict], previous: dict) -> str | None:
    """What AWS answers to this template with these parameters, or None when it finds nothing.

    `given` and `previous` are the parameters of the call and of the stack as MiniStack keeps them. What
    MiniStack itself refuses is left to it.
    """
    try:
        template = _apply_transforms(_parse_template(body), given, previous)
        parameters = _resolve_parameters(template, given, previous)
        conditions = _evaluate_conditions(template, parameters)
    except Exception:  # MiniStack parses it again, and answers with the problem
        return None
    resources = template.get("Resources")
    if not isinstance(resources, dict) or not resources:
        return "Template format error: At least one Resources member must be defined."
    declared = set(template.get("Conditions", {}))
    for name, resource in resources.items():
        if unknown := sorted(set(resource) - _RESOURCE_MEMBERS):
            return f"Invalid template resource property '{unknown[0]}'"
        condition = resource.get("Condition")
        if condition and condition not in declared:
            return f"Template format error: Unresolved condition dependency {condition} in the Resources block of the template"
    present = {n: r for n, r in resources.items() if conditions.get(r.get("Condition"), True)}
    outputs = {n: o for n, o in template.get("Outputs", {}).items() if conditions.get(o.get("Condition"), True)}
    for block, members in (("Resources", present), ("Outputs", outputs)):
        if problem := _references(block, members, present, set(template.get("Parameters", {})), conditions):
            return problem
    try:
        _topological_sort(resources, conditions)
    except ValueError as circle:
        return f"Circular dependency between resources: [{str(circle).partition(': ')[2]}]"
    return None


def _references(block, members, present, parameters, conditions) -> str | None:
    unresolved = set()
    for member in members.values():
        depends = member.get("DependsOn", [])
        found = [(name, None) for name in ([depends] if isinstance(depends, str) else depends)]
        found += _intrinsic_references(_taken({k: v for k, v in member.items() if k != "DependsOn"}, conditions))
        for name, attribute in found:
            if name in present:
                kind = present[name].get("Type", "")
                if attribute and not _has_attribute(kind, attribute):
                    return f"Template error: resource {name} does not support attribute type {attribute} in Fn::GetAtt"
            elif name not in parameters and not name.startswith("AWS::"):
                unresolved.add(name)
    if unresolved:
        return (f"Template format error: Unresolved resource dependencies [{', '.join(sorted(unresolved))}] "
                f"in the {block} block of the template")
    return None


def _taken(node, conditions):
    """The node with only the branches of Fn::If that these conditions take."""
    if isinstance(node, list):
        return [_taken(item, conditions) for item in node]
    if not isinstance(node, dict):
        return node
    choice = node.get("Fn::If")
    if isinstance(choice, list) and len(choice) == 3:
        return _taken(choice[1 if conditions.get(choice[0]) else 2], conditions)
    return {key: _taken(value, conditions) for key, value in node.items()}


def _has_attribute(resource_type: str, attribute: str) -> bool:
    try:
        known = PROVIDER_SCHEMA_MANAGER.get_type_getatts(resource_type, get_region())
    except (ResourceNotFoundError, KeyError):
        return True  # a custom resource: anything may come back
    return any(re.fullmatch(pattern if "\\" in pattern else re.escape(pattern), attribute) for pattern in known)
