"""Parts of a VPC that MiniStack's EC2 has and its CloudFormation has not, and what EC2 refuses.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/
"""

import ipaddress

from ministack.core.responses import get_account_id
from ministack.services import ec2
from ministack.services.cloudformation import provisioners
from registered_types import identifier, register, truth

_OWN_SUBNET = provisioners._ec2_subnet_create
_OWN_ENDPOINT = provisioners._ec2_vpc_endpoint_create


def install() -> None:
    """Register the types, and check subnets and endpoints as EC2 does."""
    register("AWS::EC2::EIP", _make_address, removed=_remove_address)
    register("AWS::EC2::NatGateway", _make_nat, removed=lambda nat, _: ec2._nat_gateways.pop(nat, None))
    register("AWS::EC2::NetworkAcl", _make_acl, removed=_remove_acl)
    register("AWS::EC2::NetworkAclEntry", _make_entry, _change_entry, _remove_entry)
    register("AWS::EC2::SubnetNetworkAclAssociation", _make_association, removed=_remove_association)
    register("AWS::EC2::FlowLog", _make_flow_log, removed=lambda log, _: ec2._flow_logs.pop(log, None))
    for direction in ("Ingress", "Egress"):
        register(f"AWS::EC2::SecurityGroup{direction}", _maker(direction), removed=_remover(direction))
    provisioners._RESOURCE_HANDLERS["AWS::EC2::Subnet"] |= {"create": _make_subnet}
    provisioners._RESOURCE_HANDLERS["AWS::EC2::VPCEndpoint"] |= {"create": _make_endpoint}


def _make_subnet(logical_id, properties, stack_name):
    """EC2 refuses a subnet outside its VPC, or over another one."""
    block = ipaddress.ip_network(properties["CidrBlock"])
    if not block.subnet_of(ipaddress.ip_network(ec2._vpcs[properties["VpcId"]]["CidrBlock"])):
        raise ValueError(f"The CIDR '{block}' is invalid.")
    for other in ec2._subnets.values():
        if other["VpcId"] == properties["VpcId"] and block.overlaps(ipaddress.ip_network(other["CidrBlock"])):
            raise ValueError(f"The CIDR '{block}' conflicts with another subnet")
    return _OWN_SUBNET(logical_id, properties, stack_name)


def _make_endpoint(logical_id, properties, stack_name):
    """EC2 refuses two interface endpoints with private DNS for one service in a VPC."""
    for other in ec2._vpc_endpoints.values():
        if (truth(properties.get("PrivateDnsEnabled")) and truth(other.get("PrivateDnsEnabled"))
                and other["VpcId"] == properties["VpcId"] and other["ServiceName"] == properties["ServiceName"]):
            raise ValueError("private-dns-enabled cannot be set because there is already a conflicting DNS domain for "
                             f"{properties['ServiceName']} in the VPC {properties['VpcId']}")
    return _OWN_ENDPOINT(logical_id, properties, stack_name)


def _make_address(_logical_id, properties, _stack_name):
    allocation, address = identifier("eipalloc-"), ec2._random_ip("52.")
    ec2._addresses[allocation] = {
        "AllocationId": allocation, "PublicIp": address, "Domain": properties.get("Domain", "vpc"),
        "AssociationId": None, "InstanceId": None, "NetworkInterfaceId": None, "PrivateIpAddress": None}
    return address, {"AllocationId": allocation, "PublicIp": address}


def _remove_address(physical_id, _properties):
    for allocation, address in list(ec2._addresses.items()):
        if address["PublicIp"] == physical_id:
            if any(nat["AllocationId"] == allocation for nat in ec2._nat_gateways.values()):
                raise ValueError(f"Address {physical_id} is in use.")
            del ec2._addresses[allocation]


def _make_nat(_logical_id, properties, _stack_name):
    if properties.get("ConnectivityType", "public") == "public" and "AllocationId" not in properties:
        raise ValueError("The request must contain the parameter AllocationId")
    if any(nat["AllocationId"] == properties.get("AllocationId") for nat in ec2._nat_gateways.values()):
        raise ValueError(f"Elastic IP address [{properties['AllocationId']}] is already associated")
    nat = identifier("nat-")
    ec2._nat_gateways[nat] = {
        "NatGatewayId": nat, "SubnetId": properties["SubnetId"], "State": "available",
        "VpcId": ec2._subnets[properties["SubnetId"]]["VpcId"], "AllocationId": properties.get("AllocationId"),
        "ConnectivityType": properties.get("ConnectivityType", "public"), "CreateTime": ec2._now_ts()}
    return nat, {"NatGatewayId": nat, "EniId": identifier("eni-")}


def _make_acl(_logical_id, properties, _stack_name):
    acl = identifier("acl-")
    ec2._network_acls[acl] = {"NetworkAclId": acl, "VpcId": properties["VpcId"], "IsDefault": False, "Entries": [],
                              "Associations": [], "Tags": [], "OwnerId": get_account_id()}
    return acl, {"Id": acl}


def _remove_acl(physical_id, _properties):
    if ec2._network_acls[physical_id]["Associations"]:
        raise ValueError(f"The networkAcl '{physical_id}' has dependencies and cannot be deleted.")
    del ec2._network_acls[physical_id]


def _entry(properties) -> dict:
    entry = {"RuleNumber": int(properties["RuleNumber"]), "Protocol": str(properties["Protocol"]),
             "RuleAction": properties["RuleAction"], "Egress": truth(properties.get("Egress", False))}
    return entry | {name: properties[name] for name in ("CidrBlock", "Ipv6CidrBlock", "PortRange") if name in properties}


def _key(properties):
    return int(properties["RuleNumber"]), truth(properties.get("Egress", False))


def _make_entry(_logical_id, properties, stack_name):
    entries = ec2._network_acls[properties["NetworkAclId"]]["Entries"]
    if any((entry["RuleNumber"], entry["Egress"]) == _key(properties) for entry in entries):
        raise ValueError(f"The network acl entry identified by {properties['RuleNumber']} already exists.")
    entries.append(_entry(properties))
    name = identifier(f"{stack_name[:20]}-", 12)
    return name, {"Id": name}


def _change_entry(_physical_id, old, new):
    _remove_entry(None, old)
    ec2._network_acls[new["NetworkAclId"]]["Entries"].append(_entry(new))


def _remove_entry(_physical_id, properties):
    acl = ec2._network_acls.get(properties["NetworkAclId"])
    if acl:
        acl["Entries"] = [e for e in acl["Entries"] if (e["RuleNumber"], e["Egress"]) != _key(properties)]


def _make_association(_logical_id, properties, _stack_name):
    association = identifier("aclassoc-")
    for acl in ec2._network_acls.values():
        acl["Associations"] = [a for a in acl["Associations"] if a["SubnetId"] != properties["SubnetId"]]
    ec2._network_acls[properties["NetworkAclId"]]["Associations"].append({
        "NetworkAclAssociationId": association, "NetworkAclId": properties["NetworkAclId"],
        "SubnetId": properties["SubnetId"]})
    return association, {"AssociationId": association}


def _remove_association(physical_id, properties):
    acl = ec2._network_acls.get(properties["NetworkAclId"])
    if acl:
        acl["Associations"] = [a for a in acl["Associations"] if a["NetworkAclAssociationId"] != physical_id]


def _make_flow_log(_logical_id, properties, _stack_name):
    if properties.get("LogDestinationType", "cloud-watch-logs") == "cloud-watch-logs" and not (
            properties.get("DeliverLogsPermissionArn")
            and (properties.get("LogGroupName") or properties.get("LogDestination"))):
        raise ValueError("DeliverLogsPermissionArn and LogGroupName are needed to deliver to CloudWatch Logs")
    log = identifier("fl-")
    ec2._flow_logs[log] = {
        "FlowLogId": log, "ResourceId": properties["ResourceId"], "ResourceType": properties["ResourceType"],
        "TrafficType": properties.get("TrafficType", "ALL"), "FlowLogStatus": "ACTIVE",
        "LogDestinationType": properties.get("LogDestinationType", "cloud-watch-logs"),
        "LogDestination": properties.get("LogDestination") or properties.get("LogGroupName", ""),
        "CreationTime": ec2._now_ts()}
    return log, {"Id": log}


def _rules(direction: str, properties) -> list:
    group = ec2._security_groups.get(properties.get("GroupId"))
    return group["IpPermissions" if direction == "Ingress" else "IpPermissionsEgress"] if group else []


def _maker(direction):
    def make(_logical_id, properties, _stack_name):
        (rule,) = provisioners._ec2_sg_permissions([properties])
        rules = _rules(direction, properties)
        if any(ec2._strip_descriptions(r) == ec2._strip_descriptions(rule) for r in rules):
            raise ValueError("the specified rule already exists")
        rules.append(rule)
        name = identifier("sgr-")
        return name, {"Id": name}

    return make


def _remover(direction):
    def remove(_physical_id, properties):
        (rule,) = provisioners._ec2_sg_permissions([properties])
        rules = _rules(direction, properties)
        if rule in rules:
            rules.remove(rule)

    return remove
