"""What blueprints need and MiniStack's CloudFormation does not provision."""

import json
import re

from ministack.core.responses import get_region
from ministack.services import eventbridge, iam, lambda_svc
from ministack.services.cloudformation import provisioners, stacks
from property_schema import recreation

_simple_alarm = provisioners._cw_metric_alarm_record
_known_recreation = provisioners._property_recreation
_own_role = dict(provisioners._RESOURCE_HANDLERS["AWS::IAM::Role"])


def install() -> None:
    """Register the types beside MiniStack's own; one that MiniStack has by now is left alone."""
    provisioners._RESOURCE_HANDLERS.setdefault("AWS::Events::Archive", {
        "create": _create_archive, "update": _update_archive, "delete": _delete_archive})
    provisioners._RESOURCE_HANDLERS["AWS::Logs::LogGroup"] |= {
        "create": _create_log_group, "update": _update_log_group}
    provisioners._RESOURCE_HANDLERS["AWS::Lambda::Function"] |= {
        "create": _create_function, "update": _update_function}
    provisioners._RESOURCE_HANDLERS["AWS::IAM::Role"] |= {"create": _create_role, "update": _update_role}
    provisioners._cw_metric_alarm_record = _alarm
    provisioners._property_recreation = _recreation
    stacks._property_recreation = _recreation


def _recreation(resource_type: str, name: str) -> str:
    """MiniStack's table where it has the type, otherwise what the type's schema says."""
    if resource_type in provisioners._REPLACING_PROPERTIES:
        return _known_recreation(resource_type, name)
    return recreation(resource_type, name, get_region()) or _known_recreation(resource_type, name)


def _alarm(name: str, properties: dict) -> dict:
    """The record of an alarm, on one metric as MiniStack has it or on an expression over several."""
    metrics = properties.get("Metrics")
    if not metrics:
        return _simple_alarm(name, properties)
    _check_metrics(metrics)
    record = _simple_alarm(name, {**properties, "Metrics": None, "MetricName": "-", "Namespace": "-"})
    return {**record, "MetricName": "", "Namespace": "", "Metrics": metrics}


def _check_metrics(metrics: list[dict]) -> None:
    ids = [metric.get("Id", "") for metric in metrics]
    if len(set(ids)) < len(ids):
        raise ValueError("The values for parameter Metrics must have distinct ids")
    for metric in metrics:
        if ("Expression" in metric) == ("MetricStat" in metric):
            raise ValueError(f"Metric {metric.get('Id')} needs either Expression or MetricStat")
        used = set(re.findall(r"(?<![A-Za-z0-9_])[a-z][A-Za-z0-9_]*", metric.get("Expression", "")))
        if unknown := used - set(ids):
            raise ValueError(f"Unknown identifier {sorted(unknown)} in the expression of {metric['Id']}")
    returned = [m for m in metrics if str(m.get("ReturnData", True)).lower() == "true"]
    if len(returned) != 1:
        raise ValueError("Exactly one metric of an alarm must return data")


def _create_log_group(logical_id, properties, stack_name):
    """MiniStack makes up a name that no policy for the stack's own log groups would match."""
    name = properties.get("LogGroupName") or provisioners._physical_name(stack_name, logical_id)
    return provisioners._cwlogs_create(logical_id, {**properties, "LogGroupName": name}, stack_name)


def _update_log_group(physical_id, old, new, stack_name, logical_id):
    named = {"LogGroupName": physical_id}
    return provisioners._cwlogs_update(physical_id, {**named, **old}, {**named, **new}, stack_name, logical_id)


def _create_function(logical_id, properties, stack_name):
    return _reserve(provisioners._lambda_create(logical_id, properties, stack_name), properties)


def _update_function(physical_id, old, new, stack_name, logical_id):
    return _reserve(provisioners._lambda_update(physical_id, old, new, stack_name, logical_id), new)


def _reserve(made, properties):
    """MiniStack leaves out the function's reserved concurrency."""
    reserved = properties.get("ReservedConcurrentExecutions")
    lambda_svc._functions[made[0]]["concurrency"] = None if reserved is None else int(reserved)
    return made


def _create_role(logical_id, properties, stack_name):
    return _bound(_own_role["create"](logical_id, properties, stack_name), properties)


def _update_role(physical_id, old, new, stack_name, logical_id):
    return _bound(_own_role["update"](physical_id, old, new, stack_name, logical_id), new)


def _bound(made, properties):
    """MiniStack leaves out the role's permissions boundary, and so would never hold the role to it."""
    iam._roles[made[0]]["PermissionsBoundary"] = properties.get("PermissionsBoundary")
    return made


def _create_archive(logical_id, properties, stack_name):
    name = properties.get("ArchiveName") or provisioners._physical_name(stack_name, logical_id, max_len=48)
    _answer(eventbridge._create_archive(_archive(name, properties)))
    return name, {"Arn": eventbridge._archives[name]["ArchiveArn"], "ArchiveName": name}


def _update_archive(physical_id, _old, properties, _stack_name):
    _answer(eventbridge._update_archive(_archive(physical_id, properties)))
    return physical_id, {"Arn": eventbridge._archives[physical_id]["ArchiveArn"], "ArchiveName": physical_id}


def _delete_archive(physical_id, _properties):
    if physical_id in eventbridge._archives:
        _answer(eventbridge._delete_archive({"ArchiveName": physical_id}))


def _archive(name, properties) -> dict:
    asked = {"ArchiveName": name, "EventSourceArn": properties["SourceArn"],
             "RetentionDays": int(properties.get("RetentionDays", 0))}
    for key in ("Description", "KmsKeyIdentifier"):
        if key in properties:
            asked[key] = properties[key]
    if "EventPattern" in properties:
        asked["EventPattern"] = json.dumps(properties["EventPattern"])
    return asked


def _answer(response) -> None:
    """Raise what the service refused, as the reason of the resource."""
    status, _headers, body = response
    if status >= 400:
        refused = json.loads(body)
        raise ValueError(refused.get("message") or refused.get("Message") or str(refused))
