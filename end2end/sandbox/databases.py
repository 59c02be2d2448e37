"""RDS beyond what MiniStack's CloudFormation has: managed credentials, protection, proxies, event subscriptions.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/
"""

import json

from ministack.core.responses import get_region, new_uuid
from ministack.services import ec2, rds, secretsmanager
from ministack.services.cloudformation import provisioners
from registered_types import arn, identifier, record, register, truth

_PROXY = "AWS::RDS::DBProxy"
_own = {}


def install() -> None:
    """Register what is missing, and put what RDS does and refuses around database instances."""
    instance = provisioners._RESOURCE_HANDLERS["AWS::RDS::DBInstance"]
    _own.update(instance)
    provisioners._RESOURCE_HANDLERS["AWS::RDS::DBInstance"] = instance | {
        "create": _make_instance, "update": _change_instance, "delete": _remove_instance}
    register(_PROXY, _make_proxy)
    register("AWS::RDS::DBProxyTargetGroup", _make_target_group)
    register("AWS::RDS::EventSubscription", _make_subscription)


def _make_instance(logical_id, properties, stack_name):
    _check_instance(properties)
    name, attributes = _own["create"](logical_id, properties, stack_name)
    instance = rds._instances[name]
    instance["DBName"] = properties.get("DBName", "")
    if truth(properties.get("ManageMasterUserPassword")):
        _manage_password(instance, properties)
    return name, _attributes(name, attributes)


def _check_instance(properties):
    if truth(properties.get("ManageMasterUserPassword")) and "MasterUserPassword" in properties:
        raise ValueError("You can't specify MasterUserPassword when ManageMasterUserPassword is enabled.")
    least, most = int(properties.get("AllocatedStorage", 20)), properties.get("MaxAllocatedStorage")
    if most is not None and int(most) < least * 1.1:
        raise ValueError("Invalid max storage size: it must be at least 10% above the allocated storage")
    if truth(properties.get("EnablePerformanceInsights")) is False and "PerformanceInsightsKMSKeyId" in properties:
        raise ValueError("You can't specify a KMS key for Performance Insights when it is disabled")
    if int(properties.get("MonitoringInterval", 0)) and "MonitoringRoleArn" not in properties:
        raise ValueError("A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0.")
    group = properties.get("DBSubnetGroupName")
    if group and group not in rds._subnet_groups:
        raise ValueError(f"DB subnet group {group} does not exist.")
    parameters = properties.get("DBParameterGroupName")
    if parameters and not parameters.startswith("default.") and parameters not in rds._param_groups:
        raise ValueError(f"DBParameterGroup not found: {parameters}")


def _manage_password(instance, properties):
    key = properties.get("MasterUserSecret", {}).get("KmsKeyId")
    text = json.dumps({"username": instance["MasterUsername"], "password": new_uuid()})
    secret, _version = secretsmanager._store_new_secret(
        f"rds!db-{new_uuid()}", secret_string=text, kms_key_id=key, rotation_rules={"AutomaticallyAfterDays": 7})
    instance["MasterUserSecret"] = {"SecretArn": secret, "SecretStatus": "active", "KmsKeyId": key}


def _attributes(name, attributes):
    secret = rds._instances[name].get("MasterUserSecret")
    return attributes | ({"MasterUserSecret.SecretArn": secret["SecretArn"]} if secret else {})


def _change_instance(physical_id, old, new, stack_name, logical_id=None):
    _check_instance(new)
    if int(new.get("AllocatedStorage", 20)) < int(old.get("AllocatedStorage", 20)):
        raise ValueError("Invalid storage size for engine name postgres and storage type gp3: "
                         f"{new['AllocatedStorage']}; storage can't shrink")
    name, attributes = _own["update"](physical_id, old, new, stack_name, logical_id)
    return name, _attributes(name, attributes)


def _remove_instance(physical_id, properties):
    instance = rds._instances.get(physical_id)
    if instance and truth(instance.get("DeletionProtection")):
        raise ValueError("Cannot delete protected DB Instance, please disable deletion protection and try again.")
    _own["delete"](physical_id, properties)
    secret = (instance or {}).get("MasterUserSecret", {}).get("SecretArn")
    for name, kept in list(secretsmanager._secrets.items()):
        if secret and kept["ARN"] == secret:
            del secretsmanager._secrets[name]


def _make_proxy(_logical_id, properties, _stack_name):
    subnets = [ec2._subnets[subnet] for subnet in properties["VpcSubnetIds"]]
    if len({subnet["AvailabilityZone"] for subnet in subnets}) < 2:
        raise ValueError("A proxy needs subnets in at least two Availability Zones")
    name = properties["DBProxyName"]
    return name, {"DBProxyArn": arn("rds", f"db-proxy:{identifier('prx-')}"), "VpcId": subnets[0]["VpcId"],
                  "Endpoint": f"{name}.proxy-{identifier('', 12)}.{get_region()}.rds.amazonaws.com"}


def _make_target_group(_logical_id, properties, _stack_name):
    if record(_PROXY, properties["DBProxyName"]) is None:
        raise ValueError(f"DBProxy not found: {properties['DBProxyName']}")
    for instance in properties.get("DBInstanceIdentifiers", []):
        if instance not in rds._instances:
            raise ValueError(f"DBInstance {instance} not found.")
    group = arn("rds", f"target-group:{identifier('prx-tg-')}")
    return group, {"TargetGroupArn": group}


def _make_subscription(logical_id, properties, stack_name):
    for source in properties.get("SourceIds", []):
        if properties.get("SourceType") == "db-instance" and source not in rds._instances:
            raise ValueError(f"Could not find source {source}.")
    return properties.get("SubscriptionName") or provisioners._physical_name(stack_name, logical_id, lowercase=True), {}
