"""What AWS looks at, and MiniStack does not, when it decides whether a CloudFormation call is allowed.

- the condition key `cloudformation:RoleArn` of calls that name a service role
- `iam:PassRole` on that role, for cloudformation.amazonaws.com
- the stack a change set belongs to, when a call names the change set by its ARN alone

Source: the Service Authorization Reference, "Actions, resources, and condition keys for AWS CloudFormation".
"""

from ministack.core import iam_actions, iam_evaluator
from ministack.services import cloudformation

ROLE_KEY = "cloudformation:RoleArn"

_request_tag_context = iam_actions.request_tag_context
_extract_resource_arn = iam_actions.extract_resource_arn
_enforce = iam_evaluator.enforce


def install() -> None:
    """Put these checks into MiniStack's own; `AUTH=true` turns all of them on."""
    iam_actions.request_tag_context = _context
    iam_actions.extract_resource_arn = _resource
    iam_evaluator.enforce = _allowed


def _parameter(parameters: dict, name: str) -> str:
    value = parameters.get(name, "")
    return value[0] if isinstance(value, list) else value


def _context(service: str, action: str, body: bytes, parameters: dict) -> dict:
    context = _request_tag_context(service, action, body, parameters)
    role = _parameter(parameters, "RoleARN")
    return {**context, ROLE_KEY: role} if service == "cloudformation" and role else context


def _resource(service, method, path, headers, body, parameters, region, account) -> str:
    if service == "cloudformation" and not _parameter(parameters, "StackName"):
        change_set = _parameter(parameters, "ChangeSetName")
        if change_set.startswith("arn:"):
            made = cloudformation._change_sets.get(change_set)
            return made["StackId"] if made else change_set
    return _extract_resource_arn(service, method, path, headers, body, parameters, region, account)


def _allowed(access_key, action, service, region, resource_arn="*", service_context=None, **more):
    denied = _enforce(access_key, action, service, region, resource_arn=resource_arn, service_context=service_context, **more)
    role = (service_context or {}).get(ROLE_KEY)
    if denied or service != "cloudformation" or not role:
        return denied
    return _enforce(
        access_key,
        "iam:PassRole",
        "iam",
        region,
        resource_arn=role,
        service_context={"iam:PassedToService": "cloudformation.amazonaws.com"},
    )
