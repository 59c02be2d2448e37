"""Application Auto Scaling: scalable targets and their policies.

https://docs.aws.amazon.com/autoscaling/application/APIReference/
"""

from ministack.core.responses import new_uuid
from ministack.services import ecs
from registered_types import arn, record, register

_TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"


def install() -> None:
    """Register both types."""
    register(_TARGET, _make_target, _change_target)
    register("AWS::ApplicationAutoScaling::ScalingPolicy", _make_policy)


def _make_target(_logical_id, properties, _stack_name):
    _hold(properties)
    name = "|".join(properties[part] for part in ("ResourceId", "ScalableDimension", "ServiceNamespace"))
    return name, {"Id": name}


def _change_target(_physical_id, _old, new):
    _hold(new)


def _hold(properties):
    """Registering brings the present count within the limits."""
    least, most = int(properties["MinCapacity"]), int(properties["MaxCapacity"])
    if least > most:
        raise ValueError("Maximum capacity cannot be less than minimum capacity")
    if properties["ServiceNamespace"] == "ecs":
        service = ecs._services.get(properties["ResourceId"].removeprefix("service/"))
        if service is None:
            raise ValueError(f"ECS service doesn't exist: {properties['ResourceId']}")
        service["desiredCount"] = min(max(int(service["desiredCount"]), least), most)


def _make_policy(_logical_id, properties, _stack_name):
    if record(_TARGET, properties.get("ScalingTargetId", "")) is None:
        raise ValueError("No scalable target registered for service namespace and resource ID: "
                         f"{properties.get('ScalingTargetId') or properties.get('ResourceId')}")
    resource, _, namespace = properties["ScalingTargetId"].split("|")
    policy = arn("autoscaling", f"scalingPolicy:{new_uuid()}:resource/{namespace}/{resource}:"
                                f"policyName/{properties['PolicyName']}")
    return policy, {"Arn": policy}
