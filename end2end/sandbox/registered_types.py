"""Resource types that MiniStack lacks: kept whole, and given back what AWS gives back for them.

Each family registers its types here. Which properties there are, and which of them replace the resource, is
in the schemas (property_schema.py); what is particular to a type stands with its family.
"""

import random

from ministack.core.responses import AccountRegionScopedDict, get_account_id, get_region
from ministack.services import cloudformation
from ministack.services.cloudformation import provisioners

_records = AccountRegionScopedDict()  # "type physical-id" -> {"Properties", "Attributes"}


def install() -> None:
    """Keep what is registered over a restart, as MiniStack keeps its stacks."""
    cloudformation._PERSISTED_STORES += ((lambda: _records, "registered_types"),)


def register(resource_type: str, made, changed=None, removed=None) -> None:
    """Provision a type that MiniStack has not got by now.

    `made(logical_id, properties, stack_name)` answers the physical id and the attributes, `changed(physical_id,
    old, new)` and `removed(physical_id, properties)` do what else an update and a deletion mean; each raises
    ValueError with AWS's words to refuse.
    """
    def create(logical_id, properties, stack_name):
        physical_id, attributes = made(logical_id, properties, stack_name)
        if record(resource_type, physical_id) is not None:
            raise ValueError(f"{physical_id} already exists")
        _records[f"{resource_type} {physical_id}"] = {"Properties": properties, "Attributes": attributes}
        return physical_id, attributes

    def update(physical_id, old, new, _stack_name):
        found = record(resource_type, physical_id)
        if found is None:
            raise ValueError(f"Resource of type '{resource_type}' with identifier '{physical_id}' was not found.")
        if changed:
            changed(physical_id, old, new)
        found["Properties"] = new
        return physical_id, found["Attributes"]

    def delete(physical_id, _properties):
        found = record(resource_type, physical_id)
        if found is None:
            return
        if removed:
            removed(physical_id, found["Properties"])
        del _records[f"{resource_type} {physical_id}"]

    provisioners._RESOURCE_HANDLERS.setdefault(
        resource_type, {"create": create, "update": update, "delete": delete})


def record(resource_type: str, physical_id: str) -> dict | None:
    """The properties and attributes of a registered resource of this account and region."""
    return _records.get(f"{resource_type} {physical_id}")


def records(resource_type: str) -> dict[str, dict]:
    """All of a type, by physical id."""
    start = f"{resource_type} "
    return {key.removeprefix(start): found for key, found in _records.items() if key.startswith(start)}


def identifier(prefix: str, digits: int = 17) -> str:
    """A made-up id as EC2's are: a prefix and hexadecimal digits."""
    return prefix + "".join(random.choices("0123456789abcdef", k=digits))


def arn(service: str, resource: str) -> str:
    """The ARN of something of this account and region."""
    return f"arn:aws:{service}:{get_region()}:{get_account_id()}:{resource}"


def truth(value) -> bool:
    """CloudFormation hands booleans over as such or as text."""
    return str(value).lower() == "true"
