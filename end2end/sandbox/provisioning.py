"""The sandbox's steps of a stack operation: one resource at a time, paced, checked, breakable."""

import asyncio

from faults import FAULTS
from interrupted import already_done, note_done
from ministack.core.concurrency import run_reentrant
from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudformation
from ministack.services.cloudformation import stacks
from property_schema import check_properties
from references import check_references
from service_role import check_resource

_blocks = stacks._runs_on_worker_thread


def install() -> None:
    """Put the checks and the pace around every resource that MiniStack provisions."""
    # MiniStack awaits `run_reentrant` for the types that block, and calls the others at once on
    # the event loop; here each type goes through the awaited path, so an operation takes time
    # and can be watched and cancelled.
    stacks._runs_on_worker_thread = lambda _resource_type: True
    stacks.run_reentrant = _step


async def _step(function, *args):
    resource_type, logical_id, stack_name, properties = _arguments(function, args)
    stack = cloudformation._stacks.get(stack_name) or {}
    status = stack.get("StackStatus", "")
    if "ROLLBACK" in status:
        operation = "rollback"
    elif function is stacks._delete_resource:
        operation = "delete"
    else:
        operation = "create" if function is stacks._provision_keeping_seed else "update"
    if operation in ("create", "update") and (answer := already_done(stack, logical_id)):
        _forget_start(stack, logical_id)
        return answer
    unchanged = operation == "update" and args[2] == args[3]
    if unchanged:
        _forget_start(stack, logical_id)
    else:
        await asyncio.sleep(FAULTS.delay_seconds)
        FAULTS.raise_for_resource(get_account_id(), logical_id, operation)
        if operation != "rollback" and stack:
            old = args[2] if operation == "update" else None
            physical_id = None if operation == "create" else args[1]
            check_resource(stack, operation, resource_type, logical_id, old, properties, physical_id)
        if operation in ("create", "update"):
            check_properties(resource_type, properties, get_region())
            check_references(resource_type, properties)
    cleaning_up = operation == "delete" and status.startswith("UPDATE_")
    if cleaning_up:
        _note_clean_up(stack, logical_id, resource_type, args[1])
    result = await run_reentrant(function, *args) if _blocks(resource_type) else function(*args)
    if operation == "create" and stack:
        _event(stack, logical_id, resource_type, f"{status.split('_')[0]}_IN_PROGRESS",
               "Resource creation Initiated", result[0][0])
    if operation in ("create", "update"):
        note_done(stack, logical_id)
    if cleaning_up:
        _event(stack, logical_id, resource_type, "DELETE_COMPLETE", "", args[1])
    return result


def _forget_start(stack, logical_id):
    """MiniStack tells of resources that an operation leaves as they are; AWS does not."""
    events = cloudformation._stack_events.get(stack["StackId"], [])
    if events and events[-1]["LogicalResourceId"] == logical_id and events[-1]["ResourceStatus"].endswith("_IN_PROGRESS"):
        events.pop()
        stack.setdefault("_untouched", []).append(logical_id)


def _note_clean_up(stack, logical_id, resource_type, physical_id):
    """MiniStack removes what an update leaves behind without a word; AWS tells of each."""
    clean_up = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
    if stack["StackStatus"] != clean_up:
        stack["StackStatus"] = clean_up
        _event(stack, stack["StackName"], "AWS::CloudFormation::Stack", clean_up, "", stack["StackId"])
    _event(stack, logical_id, resource_type, "DELETE_IN_PROGRESS", "", physical_id)


def _event(stack, logical_id, resource_type, status, reason, physical_id):
    stacks._add_event(stack["StackId"], stack["StackName"], logical_id, resource_type, status, reason, physical_id)


def _arguments(function, args):
    """(resource type, logical id, stack name, properties) of one of MiniStack's four steps."""
    if function is stacks._provision_keeping_seed:
        resource_type, logical_id, properties, stack_name = args
    elif function is stacks._delete_resource:
        resource_type, _physical_id, properties, stack_name, logical_id = args
    else:
        resource_type, _physical_id, _old, properties, stack_name, logical_id, _attributes = args
    return resource_type, logical_id, stack_name, properties
