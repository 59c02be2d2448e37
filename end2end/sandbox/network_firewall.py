"""AWS Network Firewall: rule groups, policies, firewalls with their endpoints, logging.

https://docs.aws.amazon.com/network-firewall/latest/APIReference/
"""

from ministack.core.responses import get_account_id
from ministack.services import ec2
from registered_types import arn, identifier, record, records, register, truth

_FIREWALL = "AWS::NetworkFirewall::Firewall"
_POLICY = "AWS::NetworkFirewall::FirewallPolicy"
_GROUP = "AWS::NetworkFirewall::RuleGroup"


def install() -> None:
    """Register the four types."""
    register(_GROUP, _make_group, removed=_remove_group)
    register(_POLICY, _make_policy, _change_policy, _remove_policy)
    register(_FIREWALL, _make_firewall, _change_firewall, _remove_firewall)
    register("AWS::NetworkFirewall::LoggingConfiguration", _make_logging)


def _make_group(_logical_id, properties, _stack_name):
    kind = "stateful" if properties["Type"] == "STATEFUL" else "stateless"
    group = arn("network-firewall", f"{kind}-rulegroup/{properties['RuleGroupName']}")
    return group, {"RuleGroupArn": group, "RuleGroupId": identifier("", 32)}


def _remove_group(physical_id, _properties):
    for policy in records(_POLICY).values():
        if physical_id in _groups_of(policy["Properties"]):
            raise ValueError(f"Unable to fulfill the request because the following entity is in use: {physical_id}")


def _groups_of(properties) -> list[str]:
    policy = properties["FirewallPolicy"]
    return [reference["ResourceArn"] for kind in ("StatefulRuleGroupReferences", "StatelessRuleGroupReferences")
            for reference in policy.get(kind, [])]


def _make_policy(_logical_id, properties, _stack_name):
    _check_order(properties)
    policy = arn("network-firewall", f"firewall-policy/{properties['FirewallPolicyName']}")
    return policy, {"FirewallPolicyArn": policy, "FirewallPolicyId": identifier("", 32)}


def _check_order(properties):
    """Policy and groups have one order of rules; with strict order each group has a priority of its own."""
    def order(options):
        return (options or {}).get("RuleOrder", "DEFAULT_ACTION_ORDER")

    policy = properties["FirewallPolicy"]
    wanted = order(policy.get("StatefulEngineOptions"))
    priorities = []
    for reference in policy.get("StatefulRuleGroupReferences", []):
        group = record(_GROUP, reference["ResourceArn"])
        if group is None:
            if ":aws-managed:" not in reference["ResourceArn"]:
                raise ValueError(f"Unable to find the rule group {reference['ResourceArn']}")
            continue
        rules = group["Properties"].get("RuleGroup", {})
        if order(rules.get("StatefulRuleOptions")) != wanted:
            raise ValueError("parameter is invalid: the rule order of a stateful rule group must be that of its policy")
        if wanted == "STRICT_ORDER":
            priorities.append(reference.get("Priority"))
    if None in priorities or len(set(priorities)) < len(priorities):
        raise ValueError("parameter is invalid: with strict order each stateful rule group needs a priority of its own")


def _change_policy(_physical_id, _old, new):
    _check_order(new)


def _remove_policy(physical_id, _properties):
    for firewall in records(_FIREWALL).values():
        if firewall["Properties"]["FirewallPolicyArn"] == physical_id:
            raise ValueError(f"Unable to fulfill the request because the following entity is in use: {physical_id}")


def _make_firewall(_logical_id, properties, _stack_name):
    if record(_POLICY, properties["FirewallPolicyArn"]) is None:
        raise ValueError(f"Unable to find the firewall policy {properties['FirewallPolicyArn']}")
    firewall = arn("network-firewall", f"firewall/{properties['FirewallName']}")
    return firewall, {"FirewallArn": firewall, "FirewallId": identifier("", 32),
                      "EndpointIds": [_endpoint(properties, m["SubnetId"]) for m in properties["SubnetMappings"]]}


def _endpoint(properties, subnet_id) -> str:
    subnet = ec2._subnets[subnet_id]
    if subnet["VpcId"] != properties["VpcId"]:
        raise ValueError(f"parameter is invalid: subnet {subnet_id} is not in {properties['VpcId']}")
    endpoint = identifier("vpce-")
    ec2._vpc_endpoints[endpoint] = {
        "VpcEndpointId": endpoint, "VpcEndpointType": "GatewayLoadBalancer", "VpcId": properties["VpcId"],
        "ServiceName": "network-firewall", "State": "available", "SubnetIds": [subnet_id], "RouteTableIds": [],
        "SecurityGroupIds": [], "NetworkInterfaceIds": [], "DnsEntries": [], "PrivateDnsEnabled": False,
        "OwnerId": get_account_id(), "CreationTimestamp": ec2._now_ts(), "PolicyDocument": None}
    return f"{subnet['AvailabilityZone']}:{endpoint}"


def _change_firewall(physical_id, old, new):
    if old["SubnetMappings"] == new["SubnetMappings"]:
        return
    if truth(old.get("SubnetChangeProtection")) and truth(new.get("SubnetChangeProtection")):
        raise ValueError(f"Unable to change the subnets of {physical_id}: subnet change protection is enabled")
    attributes = record(_FIREWALL, physical_id)["Attributes"]
    _remove_endpoints(attributes)
    attributes["EndpointIds"] = [_endpoint(new, m["SubnetId"]) for m in new["SubnetMappings"]]


def _remove_firewall(physical_id, properties):
    if truth(properties.get("DeleteProtection")):
        raise ValueError(f"Unable to delete {physical_id}: firewall delete protection is enabled")
    attributes = record(_FIREWALL, physical_id)["Attributes"]
    for endpoint in attributes["EndpointIds"]:
        for table in ec2._route_tables.values():
            if any(route.get("VpcEndpointId") == endpoint.partition(":")[2] for route in table["Routes"]):
                raise ValueError(f"Unable to delete {physical_id}: {table['RouteTableId']} has a route to its endpoint")
    _remove_endpoints(attributes)


def _remove_endpoints(attributes):
    for endpoint in attributes["EndpointIds"]:
        ec2._vpc_endpoints.pop(endpoint.partition(":")[2], None)


def _make_logging(_logical_id, properties, _stack_name):
    if record(_FIREWALL, properties["FirewallArn"]) is None:
        raise ValueError(f"Unable to find the firewall {properties['FirewallArn']}")
    return properties["FirewallArn"], {}
