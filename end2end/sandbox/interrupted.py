"""Stack operations that the sandbox was stopped in go on when it starts again: AWS's never stop.

With PERSIST_STATE=1 MiniStack keeps a stack over a restart, but not the task that works on it. What the
task was called with is kept on the stack, and state is saved whenever an operation ends.
"""

import asyncio

from ministack import app as ministack
from ministack.core import persistence
from ministack.core.responses import request_scope
from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, handlers, stacks

_OPERATIONS = {
    "deploy": ("_deploy_stack_async", (
        "template", "param_values", "disable_rollback", "tags", "is_update", "previous_stack",
        "retain_except_on_create", "imports")),
    "delete": ("_delete_stack_async", ("retain_resources", "force")),
    "continue": ("_continue_update_rollback_async", ("resources_to_skip",)),
}
_load_persisted_state = ministack._load_persisted_state
_run = {}


def install() -> None:
    """Keep what each operation was called with, and take operations up again after a start."""
    for kind, (name, parameters) in _OPERATIONS.items():
        _run[kind] = getattr(stacks, name)
        for module in (stacks, changesets, handlers):
            if hasattr(module, name):
                setattr(module, name, _kept(kind, parameters))
    ministack._load_persisted_state = _load


def note_done(stack: dict, logical_id: str) -> None:
    """The operation that is running has made or changed this resource."""
    if operation := stack.get("_operation"):
        operation["done"].append(logical_id)


def already_done(stack: dict, logical_id: str):
    """What the step answered before the restart: ((physical id, attributes), name seed), or None."""
    if logical_id not in (stack.get("_operation") or {}).get("resumed", []):
        return None
    record = stack["_resources"][logical_id]
    return (record["PhysicalResourceId"], record["Attributes"]), record.get("_name_seed", "")


def _kept(kind, names):
    async def operation(stack_name, stack_id, *given, **more):
        stack = cloudformation._stacks[stack_name]
        arguments = {**dict(zip(names, given)), **more}
        if kind == "delete":
            arguments["retain_resources"] = sorted(arguments.get("retain_resources", ()))
        if kind == "continue":
            arguments["resources_to_skip"] = sorted(arguments["resources_to_skip"])
        stack["_operation"] = {"kind": kind, "arguments": arguments, "done": [],
                               "token": stacks.CLIENT_REQUEST_TOKEN.get()}
        await _run[kind](stack_name, stack_id, **arguments)
        _ended(stack)

    return operation


def _ended(stack):
    stack.pop("_operation", None)
    if persistence.PERSIST_STATE:
        persistence.save_all(ministack._build_persistence_save_dict())


def _load():
    _load_persisted_state()
    asyncio.get_running_loop().call_soon(_take_up)


def _take_up():
    for (account, region, _), stack in list(cloudformation._stacks._data.items()):
        if stack["StackStatus"].endswith("IN_PROGRESS") and stack.get("_operation"):
            with request_scope(account, region):
                token = stacks.CLIENT_REQUEST_TOKEN.set(stack["_operation"]["token"])
                stacks._create_stack_task_in_region(_go_on(stack), stack, stack["StackId"])
                stacks.CLIENT_REQUEST_TOKEN.reset(token)


async def _go_on(stack):
    operation = stack["_operation"]
    arguments = operation["arguments"]
    if operation["kind"] == "deploy" and "ROLLBACK" in stack["StackStatus"]:
        work = _roll_back(stack, operation)
    else:
        operation["resumed"] = list(operation["done"])
        if operation["kind"] == "deploy":
            stack["StackStatus"] = "UPDATE_IN_PROGRESS" if arguments.get("is_update") else "CREATE_IN_PROGRESS"
        work = _run[operation["kind"]](stack["StackName"], stack["StackId"], **arguments)
    for change_set in cloudformation._change_sets.values():
        if change_set["StackId"] == stack["StackId"] and change_set["ExecutionStatus"] == "EXECUTE_IN_PROGRESS":
            work = changesets._track_change_set_execution(change_set, stack, work)
    await work
    _ended(stack)


def _roll_back(stack, operation):
    given = operation["arguments"]
    previous = given.get("previous_stack")
    made = [name for name in (operation["done"] if previous else stack["_resources"]) if name in stack["_resources"]]
    return stacks._roll_back_operation(stack["StackName"], stack["StackId"], stack, stacks._failed_operation(
        bool(given.get("is_update")), previous, made, None, None, [], False, given["template"],
        given["param_values"], given.get("retain_except_on_create", False), stack.get("Tags") or [],
        (previous or {}).get("Tags") or []))
