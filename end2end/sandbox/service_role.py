"""Hold a stack's resources to what its service role, or the caller without one, may do.

MiniStack provisions whatever a template says. AWS works with the rights of the role named as RoleARN:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html
Which actions a type needs is in its registry schema; of those this asks for the one that makes,
changes or deletes the thing itself, and for all that concern IAM roles.
"""

import json
import re
from dataclasses import replace

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import iam
from ministack.services.cloudformation import provisioners
from property_schema import permissions

_VERBS = {
    "create": (r"Create", r"Put|Add|Subscribe|Authorize|Register|Allocate|Attach|Run|Set|POST"),
    "update": (r"Update", r"Put|Set|Modify|Add|PATCH"),
    "delete": (r"Delete|DELETE", r"Remove|Unsubscribe|ScheduleKeyDeletion|Deregister|Release|Revoke|Set"),
}
# Where the name decides the ARN: the property that holds a custom name, and the ARN.
_ARNS = {
    "AWS::NetworkFirewall::Firewall": ("FirewallName", "arn:aws:network-firewall:{region}:{account}:firewall/{name}"),
    "AWS::NetworkFirewall::FirewallPolicy": (
        "FirewallPolicyName", "arn:aws:network-firewall:{region}:{account}:firewall-policy/{name}"),
    "AWS::NetworkFirewall::RuleGroup": (
        "RuleGroupName", "arn:aws:network-firewall:{region}:{account}:stateful-rulegroup/{name}"),
    "AWS::ECS::Cluster": ("ClusterName", "arn:aws:ecs:{region}:{account}:cluster/{name}"),
    "AWS::RDS::DBInstance": ("DBInstanceIdentifier", "arn:aws:rds:{region}:{account}:db:{name}"),
    "AWS::RDS::DBParameterGroup": ("DBParameterGroupName", "arn:aws:rds:{region}:{account}:pg:{name}"),
    "AWS::RDS::DBSubnetGroup": ("DBSubnetGroupName", "arn:aws:rds:{region}:{account}:subgrp:{name}"),
    "AWS::RDS::EventSubscription": ("SubscriptionName", "arn:aws:rds:{region}:{account}:es:{name}"),
    "AWS::S3::Bucket": ("BucketName", "arn:aws:s3:::{name}"),
    "AWS::CloudWatch::Alarm": ("AlarmName", "arn:aws:cloudwatch:{region}:{account}:alarm:{name}"),
    "AWS::CloudWatch::Dashboard": ("DashboardName", "arn:aws:cloudwatch::{account}:dashboard/{name}"),
    "AWS::DynamoDB::GlobalTable": ("TableName", "arn:aws:dynamodb:{region}:{account}:table/{name}"),
    "AWS::DynamoDB::Table": ("TableName", "arn:aws:dynamodb:{region}:{account}:table/{name}"),
    "AWS::Events::Archive": ("ArchiveName", "arn:aws:events:{region}:{account}:archive/{name}"),
    "AWS::Events::EventBus": ("Name", "arn:aws:events:{region}:{account}:event-bus/{name}"),
    "AWS::IAM::Role": ("RoleName", "arn:aws:iam::{account}:role/{name}"),
    "AWS::IAM::ManagedPolicy": ("ManagedPolicyName", "arn:aws:iam::{account}:policy/{name}"),
    "AWS::KMS::Alias": ("AliasName", "arn:aws:kms:{region}:{account}:{name}"),
    "AWS::Lambda::Function": ("FunctionName", "arn:aws:lambda:{region}:{account}:function:{name}"),
    "AWS::Logs::LogGroup": ("LogGroupName", "arn:aws:logs:{region}:{account}:log-group:{name}"),
    "AWS::SNS::Topic": ("TopicName", "arn:aws:sns:{region}:{account}:{name}"),
    "AWS::SQS::Queue": ("QueueName", "arn:aws:sqs:{region}:{account}:{name}"),
}
_ROLE_PROPERTIES = {"Role", "RoleArn", "ExecutionRoleArn", "TaskRoleArn", "MonitoringRoleArn", "DeliverLogsPermissionArn"}
_ROLE_TAKERS = {"MonitoringRoleArn": "monitoring.rds", "DeliverLogsPermissionArn": "vpc-flow-logs"}
_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/.+")


class NotAllowed(ValueError):
    """The acting principal may not do this; its text is the resource's status reason."""


def unusable_role(role_arn: str) -> str | None:
    """Why CloudFormation can't work with this role in this account, in AWS's words; None if it can."""
    matched = re.fullmatch(r"arn:aws[a-z-]*:iam::(\d{12}):role/(?:.*/)?([^/]+)", role_arn)
    if not matched:
        return (f"1 validation error detected: Value '{role_arn}' at 'roleARN' failed to satisfy constraint: "
                "Member must be the ARN of a role")
    if matched[1] != get_account_id():
        return "Cross-account pass role is not allowed."
    role = iam._roles.get(matched[2])
    trust = (role or {}).get("AssumeRolePolicyDocument", "{}")
    context = iam_evaluator.EvalContext(
        principal_arn="cloudformation.amazonaws.com", principal_type="Service",
        principal_account=get_account_id(), action="sts:AssumeRole", resource_arn=role_arn,
        region=get_region(), service_context={"aws:sourceaccount": get_account_id()})
    trusted = role and any(
        statement.get("Effect") == "Allow"
        and iam_evaluator._service_principal_matches(statement.get("Principal"), "cloudformation.amazonaws.com")
        and iam_evaluator._conditions_met(statement.get("Condition", {}), context)
        for statement in _statements(trust))
    return None if trusted else f"Role {role_arn} is invalid or cannot be assumed"


def _statements(document) -> list[dict]:
    parsed = json.loads(document) if isinstance(document, str) else document
    statements = parsed.get("Statement", [])
    return [statements] if isinstance(statements, dict) else statements


def check_resource(stack: dict, operation: str, resource_type: str, logical_id: str,
                   old: dict | None, new: dict, physical_id: str | None) -> None:
    """Raise NotAllowed unless the stack's role may `create`, `update` or `delete` this resource."""
    acting = _Acting(stack)
    if acting.unlimited:
        return
    arn = _arn(stack["StackName"], resource_type, logical_id, new, physical_id)
    changed = {name for name in set(old or {}) | set(new)
               if (old or {}).get(name) != new.get(name)}
    if operation == "update" and not {name for name in changed if "Tags" not in name}:
        return
    action = _primary(resource_type, operation)
    if resource_type == "AWS::IAM::Role" and operation == "update" and not changed & {"Description", "MaxSessionDuration"}:
        action = None
    if action and resource_type != "AWS::IAM::Policy":
        acting.require(action, arn, _boundary(new) if resource_type == "AWS::IAM::Role" else {})
    if operation == "delete":
        return
    for action, resource, context in _iam_actions(resource_type, arn, operation, changed, old or {}, new):
        acting.require(action, resource, context)
    if operation == "create" or any("Role" in name or name == "DeliverLogsPermissionArn" for name in changed):
        for role, service in _passed_roles(resource_type, new):
            acting.require("iam:PassRole", role, {"iam:PassedToService": service})


def check_transform(role_arn: str | None, name: str) -> None:
    """Raise NotAllowed unless the role, or the caller without one, may use a transform of AWS."""
    acting = _Acting({"_role_arn": role_arn} if role_arn else {})
    if not acting.unlimited:
        acting.require("cloudformation:CreateChangeSet",
                       f"arn:aws:cloudformation:{get_region()}:aws:transform/{name.removeprefix('AWS::')}", {})


def _primary(resource_type: str, operation: str) -> str | None:
    # A service's linked role is made once for an account, and is no part of the resource.
    declared = [p for p in permissions(resource_type, operation, get_region())
                if "Tag" not in p and p != "iam:CreateServiceLinkedRole"]
    # Handlers also declare what they need of keys and secrets; the thing itself is made by its own service.
    service = resource_type.split("::")[1].lower()
    declared = [p for p in declared if service.startswith(p.partition(":")[0].replace("-", ""))] or declared
    for verbs in _VERBS[operation]:
        for action in declared:
            if re.match(f"(?:{verbs})", action.partition(":")[2]):
                return action
    return None


def _arn(stack_name, resource_type, logical_id, properties, physical_id) -> str | None:
    if resource_type not in _ARNS:
        return None
    name_property, form = _ARNS[resource_type]
    name = properties.get(name_property) or provisioners._physical_name(stack_name, logical_id)
    if physical_id and not physical_id.startswith(("arn:", "http")):
        name = physical_id
    return form.format(region=get_region(), account=get_account_id(), name=name)


def _boundary(properties: dict) -> dict:
    boundary = properties.get("PermissionsBoundary")
    return {"iam:PermissionsBoundary": boundary} if boundary else {}


def _iam_actions(resource_type, arn, operation, changed, old, new):
    """The rights over roles that a role or a policy in a template takes."""
    if resource_type == "AWS::IAM::Policy":
        for name in new.get("Roles", []):
            boundary = (iam._roles.get(name) or {}).get("PermissionsBoundary")
            yield ("iam:PutRolePolicy", f"arn:aws:iam::{get_account_id()}:role/{name}",
                   {"iam:PermissionsBoundary": boundary} if boundary else {})
    if resource_type != "AWS::IAM::Role":
        return
    if "Policies" in changed and new.get("Policies"):
        yield "iam:PutRolePolicy", arn, _boundary(new)
    for policy in set(new.get("ManagedPolicyArns", [])) - set(old.get("ManagedPolicyArns", [])):
        yield "iam:AttachRolePolicy", arn, {**_boundary(new), "iam:PolicyARN": policy}
    if operation == "update" and "AssumeRolePolicyDocument" in changed:
        yield "iam:UpdateAssumeRolePolicy", arn, {}
    if operation == "update" and "PermissionsBoundary" in changed:
        taken_away = not new.get("PermissionsBoundary")
        yield ("iam:DeleteRolePermissionsBoundary" if taken_away else "iam:PutRolePermissionsBoundary",
               arn, _boundary(new))


def _passed_roles(resource_type, node):
    """Each role that the properties hand to a service, with that service."""
    if isinstance(node, dict):
        for key, value in node.items():
            if isinstance(value, str) and key in _ROLE_PROPERTIES and _ROLE_ARN.fullmatch(value):
                yield value, _service(resource_type, key)
            elif key not in ("PolicyDocument", "AssumeRolePolicyDocument"):
                yield from _passed_roles(resource_type, value)
    elif isinstance(node, list):
        for value in node:
            yield from _passed_roles(resource_type, value)


def _service(resource_type: str, role_property: str) -> str:
    """The service that takes the role on: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html"""
    name = resource_type.split("::")[1].lower()
    service = _ROLE_TAKERS.get(role_property) or {
        "stepfunctions": "states", "apigatewayv2": "apigateway", "ecs": "ecs-tasks"}.get(name, name)
    return service + ".amazonaws.com"


class _Acting:
    """The principal whose rights an operation has: the stack's service role, otherwise the caller."""

    def __init__(self, stack: dict):
        account = get_account_id()
        role_arn = stack.get("_role_arn")
        caller = iam_evaluator.caller_arn()
        if role_arn:
            name = role_arn.rsplit("/", 1)[-1]
            self.arn = f"arn:aws:sts::{account}:assumed-role/{name}/AWSCloudFormation"
            self._take(iam_evaluator._gather_role_policies(name, account), iam._roles, name)
        elif ":assumed-role/" in caller:
            name = iam_evaluator._role_name_from_assumed_arn(caller)
            self.arn = caller
            self._take(iam_evaluator._gather_role_policies(name, account), iam._roles, name)
        elif ":user/" in caller:
            name = caller.rsplit("/", 1)[-1]
            self.arn = caller
            self._take(iam_evaluator._gather_user_policies(name, account), iam._users, name)
        else:
            self.unlimited = True

    def _take(self, policies, store, name):
        self.unlimited = False
        self._policies = policies
        self._limits = iam_evaluator._permissions_boundary(store, name, get_account_id())

    def require(self, action: str, arn: str | None, context: dict) -> None:
        known = {key.lower(): value for key, value in context.items()}
        asked = iam_evaluator.EvalContext(
            principal_arn=self.arn, principal_type="AssumedRole", principal_account=get_account_id(),
            action=action, resource_arn=arn or "*", region=get_region(), service_context=known)
        policies, limits = self._policies, self._limits
        if arn is None:
            policies, limits = _any_resource(policies), [_any_resource(layer) for layer in limits]
        result = iam_evaluator.evaluate(asked, policies, *limits)
        if result.decision == "Allow":
            return
        why = ("with an explicit deny" if result.decision == "Deny"
               else f"because no identity-based policy allows the {action} action")
        raise NotAllowed(f"User: {self.arn} is not authorized to perform: {action} on resource: {arn or '*'} {why} "
                         "(Status Code: 403)")


def _any_resource(policies):
    """The policies as they read for a resource whose ARN only AWS could know."""
    return [[replace(s, resources=["*"], not_resources=[]) for s in statements
             if s.effect == "Allow" or s.resources == ["*"]] for statements in policies]
