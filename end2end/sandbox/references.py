"""Refuse a resource that names something its account does not have, as the AWS services do."""

import re

from ministack.core.responses import get_account_id
from ministack.services import (
    acm,
    alb,
    apigateway,
    cloudwatch_logs,
    dynamodb,
    ec2,
    eventbridge,
    iam,
    kms,
    lambda_svc,
    sns,
    sqs,
)

# Free-form documents: they may name what does not exist (yet).
_DOCUMENTS = {"PolicyDocument", "AssumeRolePolicyDocument", "KeyPolicy", "Policy", "Policies",
              "ResourcePolicy", "Definition", "DefinitionString", "Body", "DashboardBody", "Code",
              "Environment", "Metadata", "EventPattern", "Tags",
              # CloudWatch takes the ARN of a topic that is not there (yet).
              "AlarmActions", "OKActions", "InsufficientDataActions"}
_ARN = re.compile(r"arn:aws[a-z-]*:([a-z0-9-]+):([a-z0-9-]*):(\d{12}):(.+)")
_KEY_PROPERTIES = {"KmsMasterKeyId", "KMSMasterKeyId", "KMSMasterKeyID", "KmsKeyId", "KmsKeyArn", "KMSMasterKeyARN",
                   "PerformanceInsightsKMSKeyId"}
_NETWORK_ID = re.compile(r"(vpc|subnet|sg|rtb|igw|nat|eipalloc|acl|vpce)-[0-9a-f]+")


class DanglingReference(ValueError):
    """A reference to something that is not there; its text is the resource's status reason."""


def check_references(resource_type: str, properties: dict) -> None:
    """Raise DanglingReference for an ARN, a key or a name of this account that names nothing."""
    _check_names(resource_type, properties)
    for name, value in _strings(properties):
        if name in _KEY_PROPERTIES:
            _check_key(value)
        if matched := _NETWORK_ID.fullmatch(value):
            _check_network_id(value, matched[1])
        matched = _ARN.fullmatch(value)
        if matched and matched[3] == get_account_id():
            _check_arn(value, matched[1], matched[4])
    for principal in _principals(properties):
        matched = _ARN.fullmatch(principal)
        if matched and matched[3] == get_account_id() and not _principal_exists(matched[4]):
            raise DanglingReference(f"Invalid principal in policy: \"AWS\":\"{principal}\"")


def _check_names(resource_type: str, properties: dict) -> None:
    """The properties that name another resource without its ARN."""
    service, _, kind = resource_type.removeprefix("AWS::").partition("::")
    if service == "Lambda" and kind != "Function" and "FunctionName" in properties:
        function = properties["FunctionName"]
        name = function.split(":function:")[-1].split(":")[0]
        if lambda_svc._functions.get(name) is None:
            raise DanglingReference(f"Function not found: {function}")
    if service == "ApiGatewayV2" and kind != "Api" and "ApiId" in properties:
        api = properties["ApiId"]
        if api not in apigateway._apis:
            raise DanglingReference(f"Invalid API identifier specified {get_account_id()}:{api}")
        target = str(properties.get("Target", ""))
        if target.startswith("integrations/") and target.partition("/")[2] not in apigateway._integrations.get(api, {}):
            raise DanglingReference(f"Invalid integration identifier specified {target.partition('/')[2]}")
    if resource_type == "AWS::Events::Rule":
        bus = str(properties.get("EventBusName", "default")).rpartition("/")[2]
        if bus != "default" and bus not in eventbridge._event_buses:
            raise DanglingReference(f"Event bus {bus} does not exist.")
    if resource_type == "AWS::SQS::QueuePolicy":
        for url in properties.get("Queues", []):
            if url.rpartition("/")[2] not in sqs._queue_name_to_url:
                raise DanglingReference(f"The specified queue does not exist: {url}")
    if resource_type == "AWS::EC2::FlowLog" and "LogGroupName" in properties:
        _check_log_group(properties["LogGroupName"])
    if resource_type == "AWS::NetworkFirewall::LoggingConfiguration":
        for destination in properties["LoggingConfiguration"]["LogDestinationConfigs"]:
            if destination["LogDestinationType"] == "CloudWatchLogs":
                _check_log_group(destination["LogDestination"].get("logGroup", ""))
    if resource_type == "AWS::KMS::Alias":
        _check_key(str(properties.get("TargetKeyId", "")))


def _check_network_id(value: str, kind: str) -> None:
    kept, called = {
        "vpc": (ec2._vpcs, "vpc ID"), "subnet": (ec2._subnets, "subnet ID"), "sg": (ec2._security_groups, "security group"),
        "rtb": (ec2._route_tables, "routeTable ID"), "igw": (ec2._internet_gateways, "internetGateway ID"),
        "nat": (ec2._nat_gateways, "NatGateway"), "eipalloc": (ec2._addresses, "allocation ID"),
        "acl": (ec2._network_acls, "networkAcl ID"), "vpce": (ec2._vpc_endpoints, "vpcEndpoint ID")}[kind]
    if value not in kept:
        raise DanglingReference(f"The {called} '{value}' does not exist")


def _check_log_group(name: str) -> None:
    if name not in cloudwatch_logs._log_groups:
        raise DanglingReference(f"The specified log group does not exist: {name}")


def _strings(node, name=""):
    if isinstance(node, dict):
        for key, value in node.items():
            if key not in _DOCUMENTS:
                yield from _strings(value, key)
    elif isinstance(node, list):
        for value in node:
            yield from _strings(value, name)
    elif isinstance(node, str):
        yield name, node


def _principals(node):
    if isinstance(node, list):
        for value in node:
            yield from _principals(value)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == "Principal" and isinstance(value, dict):
                named = value.get("AWS", [])
                yield from ([named] if isinstance(named, str) else
                            [n for n in named if isinstance(n, str)])
            else:
                yield from _principals(value)


def _principal_exists(resource: str) -> bool:
    kind, _, path = resource.partition("/")
    name = path.rsplit("/", 1)[-1]
    if kind == "role":
        return iam._roles.get(name) is not None
    if kind == "user":
        return iam._users.get(name) is not None
    return True  # the account's root, or a session


def _check_key(value: str) -> None:
    if not value or value.startswith("alias/aws/") or value.startswith("AWS_OWNED"):
        return
    name = value.rsplit(":", 1)[-1]
    if name.startswith("alias/"):
        if not name.startswith("alias/aws/") and kms._alias_arn(name) not in kms._aliases:
            raise DanglingReference(f"Alias {value} is not found.")
    elif kms._keys.get(name.removeprefix("key/")) is None:
        raise DanglingReference(f"Key '{value}' does not exist")


def _check_arn(arn: str, service: str, resource: str) -> None:
    kind, _, rest = resource.partition("/")
    match service:
        case "iam" if kind == "role":
            if not _principal_exists(resource):
                raise DanglingReference(f"The role with name {rest} cannot be found. Role: {arn}")
        case "iam" if kind == "policy":
            if arn not in iam._policies:
                raise DanglingReference(f"Scope ARN: {arn} does not exist or is not attachable.")
        case "kms" if kind == "key":
            _check_key(resource)
        case "acm" if kind == "certificate":
            if arn not in acm._certificates:
                raise DanglingReference(f"Certificate ARN '{arn}' is not valid")
        case "elasticloadbalancing":
            if not any(arn in kept for kept in (alb._lbs, alb._tgs, alb._listeners, alb._rules)):
                raise DanglingReference(f"One or more of the resources do not exist: {arn}")
        case "lambda" if resource.startswith("function:"):
            if lambda_svc._functions.get(resource.split(":")[1]) is None:
                raise DanglingReference(f"Function not found: {arn}")
        case "sns" if ":" not in resource:
            if arn not in sns._topics:
                raise DanglingReference(f"Topic does not exist: {arn}")
        case "sqs":
            if resource not in sqs._queue_name_to_url:
                raise DanglingReference(f"The specified queue does not exist: {arn}")
        case "events" if kind == "event-bus":
            if rest not in eventbridge._event_buses and rest != "default":
                raise DanglingReference(f"Event bus {rest} does not exist.")
        case "dynamodb" if kind == "table" and "/" not in rest:
            if rest not in dynamodb._tables:
                raise DanglingReference(f"Requested resource not found: Table: {rest} not found")
