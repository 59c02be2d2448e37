"""DynamoDB tables of stacks: MiniStack drops a global table's replica settings, and deletes what is protected."""

from ministack.core.responses import get_region
from ministack.services import dynamodb
from ministack.services.cloudformation import provisioners

_PROTECTED = ("Resource cannot be deleted as it is currently protected against deletion. "
              "Disable deletion protection first.")


def install() -> None:
    """Provision global tables whole, and refuse to delete a protected table of either type."""
    handlers = provisioners._RESOURCE_HANDLERS
    handlers["AWS::DynamoDB::GlobalTable"] = {
        "create": _create, "update": _update, "update_with_logical_id": True, "delete": _delete}
    handlers["AWS::DynamoDB::Table"] = {**handlers["AWS::DynamoDB::Table"], "delete": _delete}


def _create(logical_id, properties, stack_name):
    table = _as_table(properties)
    name, attributes = provisioners._ddb_create(logical_id, table, stack_name)
    _apply(name, {}, properties, table)
    return name, {**attributes, "TableId": dynamodb._tables[name]["TableId"]}


def _update(physical_id, old, new, stack_name, logical_id):
    table = _as_table(new)
    name, attributes = provisioners._ddb_update(
        physical_id, _as_table(old), table, stack_name, logical_id)
    _apply(name, old, new, table)
    return name, {**attributes, "TableId": dynamodb._tables[name]["TableId"]}


def _delete(physical_id, properties):
    table = dynamodb._tables.get(physical_id)
    if table and str(table.get("DeletionProtectionEnabled")).lower() == "true":
        raise ValueError(_PROTECTED)
    provisioners._ddb_delete(physical_id, properties)


def _replica(properties) -> dict:
    for replica in properties.get("Replicas", []):
        if replica["Region"] == get_region():
            return replica
    raise ValueError(f"Replicas must contain the region {get_region()} that the stack is in")


def _as_table(properties) -> dict:
    """The properties of an AWS::DynamoDB::Table that says the same of this region."""
    replica = _replica(properties)
    table = {name: properties[name] for name in (
        "TableName", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes",
        "LocalSecondaryIndexes", "StreamSpecification") if name in properties}
    table["BillingMode"] = properties.get("BillingMode", "PAY_PER_REQUEST")
    if table["BillingMode"] == "PROVISIONED":
        table["ProvisionedThroughput"] = {
            "WriteCapacityUnits": _minimum(properties, "Write"),
            "ReadCapacityUnits": _minimum(replica, "Read")}
    encryption = properties.get("SSESpecification")
    if encryption:
        table["SSESpecification"] = {
            "Enabled": encryption.get("SSEEnabled", False), "SSEType": encryption.get("SSEType", "KMS"),
            **replica.get("SSESpecification", {})}
    table["DeletionProtectionEnabled"] = str(replica.get("DeletionProtectionEnabled", False)).lower() == "true"
    table["Tags"] = replica.get("Tags", [])
    return table


def _minimum(settings, way: str) -> int:
    try:
        scaling = settings[f"{way}ProvisionedThroughputSettings"][f"{way}CapacityAutoScalingSettings"]
        return int(scaling["MinCapacity"])
    except KeyError as missing:
        raise ValueError(f"{way}ProvisionedThroughputSettings must be specified when BillingMode is "
                         "PROVISIONED") from missing


def _apply(name, old, new, table) -> None:
    """What MiniStack's table provisioner leaves out."""
    if "SSESpecification" in table:
        dynamodb._tables[name]["SSEDescription"] = dynamodb._sse_description_from_spec(table["SSESpecification"])
    dynamodb._update_continuous_backups({"TableName": name, **{
        k: v for k, v in _replica(new).items() if k == "PointInTimeRecoverySpecification"}})
    if new.get("TimeToLiveSpecification") != old.get("TimeToLiveSpecification"):
        dynamodb._ttl_settings[name] = {
            "TimeToLiveStatus": "ENABLED" if new.get("TimeToLiveSpecification", {}).get("Enabled") else "DISABLED",
            "AttributeName": new.get("TimeToLiveSpecification", {}).get("AttributeName", "")}
