"""Load balancers: deletion protection, and the web firewall in front of them.

https://docs.aws.amazon.com/waf/latest/APIReference/API_AssociateWebACL.html
"""

from ministack.services import alb
from ministack.services.cloudformation import provisioners
from registered_types import records, register

_ASSOCIATION = "AWS::WAFv2::WebACLAssociation"
_own = {}


def install() -> None:
    """Refuse what Elastic Load Balancing refuses, and register what puts a web firewall to use."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::ElasticLoadBalancingV2::LoadBalancer"]
    _own.update(handlers)
    provisioners._RESOURCE_HANDLERS["AWS::ElasticLoadBalancingV2::LoadBalancer"] = handlers | {"delete": _remove}
    register(_ASSOCIATION, _associate)
    register("AWS::WAFv2::LoggingConfiguration", _log)


def _remove(physical_id, properties):
    protected = {"Key": "deletion_protection.enabled", "Value": "true"}
    if protected in alb._lb_attrs.get(physical_id, []):
        raise ValueError(f"Load balancer '{physical_id}' cannot be deleted because deletion protection is enabled")
    _own["delete"](physical_id, properties)


def _associate(_logical_id, properties, _stack_name):
    for other in records(_ASSOCIATION).values():
        if other["Properties"]["ResourceArn"] == properties["ResourceArn"]:
            raise ValueError(f"{properties['ResourceArn']} is already associated with a web ACL")
    return f"{properties['ResourceArn']}|{properties['WebACLArn']}", {}


def _log(_logical_id, properties, _stack_name):
    for destination in properties["LogDestinationConfigs"]:
        name = destination.split(":log-group:")[-1] if ":log-group:" in destination else destination.rpartition(":")[2]
        if not name.rpartition("/")[2].startswith("aws-waf-logs-"):
            raise ValueError("The ARN isn't valid: the name of a log destination must begin with aws-waf-logs-")
    return properties["ResourceArn"], {}
