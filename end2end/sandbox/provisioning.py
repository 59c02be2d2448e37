"""The sandbox's steps of a stack operation: one resource at a time, paced, checked, breakable."""

import asyncio

from faults import FAULTS
from ministack.core.concurrency import run_reentrant
from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudformation
from ministack.services.cloudformation import stacks
from property_schema import check_properties
from references import check_references

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
    status = (cloudformation._stacks.get(stack_name) or {}).get("StackStatus", "")
    if "ROLLBACK" in status:
        operation = "rollback"
    elif function is stacks._delete_resource:
        operation = "delete"
    else:
        operation = "create" if function is stacks._provision_keeping_seed else "update"
    unchanged = operation == "update" and args[2] == args[3]
    if not unchanged:
        await asyncio.sleep(FAULTS.delay_seconds)
        FAULTS.raise_for_resource(get_account_id(), logical_id, operation)
        if operation in ("create", "update"):
            check_properties(resource_type, properties, get_region())
            check_references(properties)
    if _blocks(resource_type):
        return await run_reentrant(function, *args)
    return function(*args)


def _arguments(function, args):
    """(resource type, logical id, stack name, properties) of one of MiniStack's four steps."""
    if function is stacks._provision_keeping_seed:
        resource_type, logical_id, properties, stack_name = args
    elif function is stacks._delete_resource:
        resource_type, _physical_id, properties, stack_name, logical_id = args
    else:
        resource_type, _physical_id, _old, properties, stack_name, logical_id, _attributes = args
    return resource_type, logical_id, stack_name, properties
