"""What CloudFormation refuses or remembers about a stack, and MiniStack does not.

Each rule wraps an action of MiniStack. Wordings are AWS's own as its users report them.
"""

import asyncio
import re
import time

from faults import FAULTS
from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, handlers, stacks
from ministack.services.cloudformation.helpers import _error, _p, _page
from service_role import NotAllowed, check_transform, unusable_role
from template_checks import template_problem

_ACTIONS = handlers._ACTION_HANDLERS
_UPDATABLE = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE",
              "IMPORT_ROLLBACK_COMPLETE"}
_NOT_DELETABLE = {"UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS",
                  "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"}
_MAKING = {"CREATE_PENDING", "CREATE_IN_PROGRESS"}
_CHANGES_PER_PAGE = 100
_running: dict[str, object] = {}  # stack id -> task of the operation that is running


def install() -> None:
    """Put the rules around MiniStack's actions."""
    for module in (stacks, changesets, handlers):
        module._create_stack_task_in_region = _start
    stacks._add_event = handlers._add_event = changesets._add_event = _record
    for name, rule in {
        "CreateChangeSet": _create_change_set, "DescribeChangeSet": _describe_change_set,
        "ExecuteChangeSet": _once(_execute_change_set), "DeleteChangeSet": _delete_change_set,
        "ListChangeSets": _by_name, "CreateStack": _create_stack, "UpdateStack": _update_stack,
        "DeleteStack": _once(_delete_stack), "CancelUpdateStack": _once(_plain),
        "ContinueUpdateRollback": _once(_continue_update_rollback), "DescribeStacks": _describe_stacks,
        "GetTemplate": _by_name,
    }.items():
        _ACTIONS[name] = _wrap(rule, _ACTIONS[name])


def _wrap(rule, action):
    return lambda parameters: rule(action, parameters)


def _plain(action, parameters):
    return action(parameters)


def _stack(parameters) -> dict | None:
    return handlers._resolve_stack(_p(parameters, "StackName"))


def _by_name(action, parameters):
    """MiniStack finds change sets by the stack's name only; AWS takes its ARN as well."""
    stack = _stack(parameters)
    if stack and stack["StackStatus"] != "DELETE_COMPLETE":
        parameters = {**parameters, "StackName": [stack["StackName"]]}
    return action(parameters)


# Tokens

def _once(rule):
    """The same ClientRequestToken again is the same request again: it succeeds and does nothing.

    With another request it is refused (TokenAlreadyExistsException).
    """
    def remembered(action, parameters):
        token = _p(parameters, "ClientRequestToken")
        stack = _target(parameters)
        if not token or stack is None:
            return rule(action, parameters)
        name = _p(parameters, "Action")
        target = [name, _p(parameters, "ChangeSetName") if name == "ExecuteChangeSet" else ""]
        tokens = stack.setdefault("_request_tokens", {})
        if token in tokens:
            if tokens[token] == target:
                return _empty(name)
            return _error("TokenAlreadyExistsException", f"A client request token already exists: {token}")
        answer = rule(action, parameters)
        if answer[0] < 400:
            tokens[token] = target
        return answer

    return remembered


def _target(parameters) -> dict | None:
    if _p(parameters, "StackName"):
        return _stack(parameters)
    # Executing one change set leaves it in place, so a repeated call still finds the stack.
    change_set = changesets._find_change_set(_p(parameters, "ChangeSetName"))[1]
    return handlers._resolve_stack(change_set["StackId"]) if change_set else None


def _empty(action: str):
    result = f"<{action}Result/>" if action in ("ExecuteChangeSet", "ContinueUpdateRollback") else ""
    return changesets._xml(200, f"{action}Response", result)


# Roles

def _role_problem(parameters):
    role = _p(parameters, "RoleARN")
    problem = unusable_role(role) if role else None
    if problem and problem.startswith("Cross-account"):
        return _error("AccessDenied", problem, 403)
    return _error("ValidationError", problem) if problem else None


def _template_refused(parameters, stack):
    """AWS's answer to a template that can't work, before anything is made of it."""
    body, problem = handlers._resolve_template(parameters)
    if problem or not body:
        return None  # MiniStack answers itself
    given = handlers._extract_members(parameters, "Parameters")
    found = template_problem(body, given, (stack or {}).get("_resolved_params", {}))
    return _error("ValidationError", found) if found else None


def _with_role(action, parameters):
    if problem := _role_problem(parameters):
        return problem
    stack = _stack(parameters)
    answer = action(parameters)
    if answer[0] < 400 and stack and _p(parameters, "RoleARN"):
        stack["_role_arn"] = _p(parameters, "RoleARN")
    return answer


# Stacks

def _can_not_be_updated(stack):
    return _error("ValidationError", f"Stack:{stack['StackId']} is in {stack['StackStatus']} state and can not be updated.")


def _exists(stack) -> bool:
    return stack is not None and stack["StackStatus"] != "DELETE_COMPLETE"


def _keep_deleted(name: str) -> None:
    """A deleted stack stays readable by its id when another takes its name."""
    stack = cloudformation._stacks.get(name)
    if stack and stack["StackStatus"] == "DELETE_COMPLETE":
        cloudformation._stacks[stack["StackId"]] = stack


def _create_stack(action, parameters):
    stack = _stack(parameters)
    if _exists(stack):
        return _error("AlreadyExistsException", f"Stack [{stack['StackName']}] already exists")
    if problem := _role_problem(parameters) or _template_refused(parameters, None):
        return problem
    _keep_deleted(_p(parameters, "StackName"))
    answer = action(parameters)
    created = _stack(parameters)
    if answer[0] < 400 and _p(parameters, "RoleARN"):
        created["_role_arn"] = _p(parameters, "RoleARN")
    return answer


def _update_stack(action, parameters):
    stack = _stack(parameters)
    if _exists(stack) and stack["StackStatus"] not in _UPDATABLE:
        return _can_not_be_updated(stack)
    if problem := _template_refused(parameters, stack):
        return problem
    return _with_role(action, parameters)


def _delete_stack(action, parameters):
    stack = _stack(parameters)
    if _exists(stack):
        status = stack["StackStatus"]
        if status == "DELETE_IN_PROGRESS":
            return _empty("DeleteStack")
        if status in _NOT_DELETABLE:
            return _error("ValidationError", f"Stack [{stack['StackId']}] cannot be deleted while in status {status}")
        if status == "CREATE_IN_PROGRESS" and not stack.get("EnableTerminationProtection"):
            if task := _running.pop(stack["StackId"], None):
                task.cancel()
    answer = _with_role(action, parameters)
    if answer[0] < 400 and _exists(stack):
        stack["StackStatus"] = "DELETE_IN_PROGRESS"
    return answer


def _continue_update_rollback(action, parameters):
    answer = _with_role(action, parameters)
    if answer[0] < 400:
        _stack(parameters)["StackStatus"] = "UPDATE_ROLLBACK_IN_PROGRESS"
    return answer


def _describe_stacks(action, parameters):
    status, headers, body = action(parameters)
    if status < 400:
        text = body.decode()
        for stack in cloudformation._stacks.values():
            if role := stack.get("_role_arn"):
                shown = f"<StackId>{stack['StackId']}</StackId>"
                text = text.replace(shown, f"{shown}<RoleARN>{role}</RoleARN>", 1)
        body = text.encode()
    return status, headers, body


def _start(operation, stack, stack_id=None):
    """MiniStack's own, and remember the task, so that deleting a stack can stop its creation."""
    with stacks._stack_region_context(stack, stack_id):
        key = stack["StackId"]
        task = asyncio.get_event_loop().create_task(operation)
        _running[key] = task
        task.add_done_callback(lambda done: _running.pop(key, None) if _running.get(key) is done else None)


_add_event = stacks._add_event


def _record(stack_id, stack_name, logical_id, resource_type, status, reason="", *rest, **more):
    """MiniStack's own, with AWS's reason when a create rolls back and AWS's clean-up after an update."""
    events = cloudformation._stack_events.get(stack_id, [])
    untouched = (cloudformation._stacks.get(stack_name) or {}).get("_untouched", [])
    if status in ("CREATE_COMPLETE", "UPDATE_COMPLETE") and logical_id in untouched:
        untouched.remove(logical_id)
        return
    if status == "UPDATE_COMPLETE" and logical_id == stack_name and not (
            events and events[-1]["ResourceStatus"].startswith("DELETE_")):
        _add_event(stack_id, stack_name, logical_id, resource_type,
                   "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", physical_id=stack_id)
    if status == "ROLLBACK_IN_PROGRESS" and reason == "Rollback requested":
        failed = sorted({e["LogicalResourceId"] for e in events
                         if e["ResourceStatus"] == "CREATE_FAILED" and e["LogicalResourceId"] != stack_name})
        reason = f"The following resource(s) failed to create: [{', '.join(failed)}]. Rollback requested by user."
    _add_event(stack_id, stack_name, logical_id, resource_type, status, reason, *rest, **more)


# Change sets

def _create_change_set(action, parameters):
    stack, kind = _stack(parameters), _p(parameters, "ChangeSetType", "UPDATE")
    name, token = _p(parameters, "ChangeSetName"), _p(parameters, "ClientToken")
    if _exists(stack):
        same = changesets._find_change_set(name, stack["StackName"])[1]
        if same and token and same.get("_client_token") == token:
            return changesets._xml(200, "CreateChangeSetResponse", (
                f"<CreateChangeSetResult><Id>{same['ChangeSetId']}</Id><StackId>{same['StackId']}</StackId>"
                "</CreateChangeSetResult>"))
        in_review = stack["StackStatus"] == "REVIEW_IN_PROGRESS"
        if kind == "CREATE" and not in_review:
            return _error("ValidationError", f"Stack [{stack['StackName']}] already exists and cannot be created again "
                                             f"with the changeSet [{name}].")
        if kind == "UPDATE" and in_review:
            return _error("ValidationError", f"Stack [{stack['StackName']}] does not exist")
        if kind != "CREATE" and stack["StackStatus"] not in _UPDATABLE:
            return _can_not_be_updated(stack)
    if problem := _role_problem(parameters) or _template_refused(parameters, stack):
        return problem
    _keep_deleted(_p(parameters, "StackName"))
    reviewed = stack if _exists(stack) and kind == "CREATE" else None
    status, headers, body = action(parameters)
    if reviewed is not None:
        # MiniStack makes a new stack for each change set of a new stack; at AWS they share one.
        fresh = cloudformation._stacks.get(reviewed["StackName"])
        cloudformation._stacks[reviewed["StackName"]] = reviewed
        if fresh is not None and fresh is not reviewed:
            body = body.replace(fresh["StackId"].encode(), reviewed["StackId"].encode())
            cloudformation._stack_events.pop(fresh["StackId"], None)
    if status < 400:
        made = re.search(r"<Id>(.*?)</Id>", body.decode())[1]
        _made(cloudformation._change_sets[made], reviewed or _stack(parameters), parameters)
    return status, headers, body


def _made(change_set, stack, parameters) -> None:
    change_set["StackId"] = stack["StackId"]
    change_set["_client_token"] = _p(parameters, "ClientToken")
    change_set["_role_arn"] = _p(parameters, "RoleARN") or stack.get("_role_arn")
    # AWS takes a while to make one; a client has to wait for it.
    change_set["_ready_at"] = time.time() + FAULTS.delay_seconds
    body = changesets._parse_template(change_set["_template_body"])
    transforms = body.get("Transform", [])
    for transform in [transforms] if isinstance(transforms, str) else transforms:
        try:
            check_transform(change_set["_role_arn"], transform)
        except NotAllowed as refused:
            change_set.update(Status="FAILED", ExecutionStatus="UNAVAILABLE", Changes=[], StatusReason=str(refused))


def _found(parameters) -> dict | None:
    stack = _stack(parameters)
    name = stack["StackName"] if stack else _p(parameters, "StackName")
    return changesets._find_change_set(_p(parameters, "ChangeSetName"), name)[1]


def _being_made(change_set) -> bool:
    return time.time() < change_set.get("_ready_at", 0)


def _describe_change_set(action, parameters):
    change_set = _found(parameters)
    if change_set is None:
        return _by_name(action, parameters)
    shown = dict(change_set)
    token = ""
    if _being_made(change_set):
        shown |= {"Status": "CREATE_IN_PROGRESS", "ExecutionStatus": "UNAVAILABLE", "StatusReason": "", "Changes": []}
    else:
        shown["Changes"], token, problem = _page(
            change_set["Changes"], parameters, "DescribeChangeSet", _CHANGES_PER_PAGE)
        if problem:
            return problem
    key = change_set["ChangeSetId"]
    cloudformation._change_sets[key] = shown
    try:
        status, headers, body = action({**parameters, "ChangeSetName": [key], "StackName": [""]})
    finally:
        cloudformation._change_sets[key] = change_set
    return status, headers, body.replace(b"</DescribeChangeSetResult>", token.encode() + b"</DescribeChangeSetResult>")


def _execute_change_set(action, parameters):
    change_set = _found(parameters)
    if change_set is None:
        return _by_name(action, parameters)
    arn = change_set["ChangeSetId"]
    if _being_made(change_set) or change_set["Status"] != "CREATE_COMPLETE":
        status = "CREATE_IN_PROGRESS" if _being_made(change_set) else change_set["Status"]
        return _error("InvalidChangeSetStatus",
                      f"ChangeSet [{arn}] cannot be executed in its current status of [{status}]")
    if change_set["ExecutionStatus"] != "AVAILABLE":
        return _error("InvalidChangeSetStatus", f"ChangeSet [{arn}] cannot be executed in its current execution "
                                                f"status of [{change_set['ExecutionStatus']}]")
    stack = handlers._resolve_stack(change_set["StackId"])
    if stack and stack["StackStatus"] not in _UPDATABLE | {"REVIEW_IN_PROGRESS"}:
        return _error("InvalidChangeSetStatus",
                      f"ChangeSet [{arn}] cannot be executed while the stack is in {stack['StackStatus']} state")
    if stack and change_set.get("_role_arn"):
        stack["_role_arn"] = change_set["_role_arn"]
    return _by_name(action, parameters)


def _delete_change_set(action, parameters):
    change_set = _found(parameters)
    if change_set and change_set["ExecutionStatus"] == "EXECUTE_IN_PROGRESS":
        return _error("InvalidChangeSetStatus", f"ChangeSet [{change_set['ChangeSetId']}] cannot be deleted in its "
                                                "current execution status of [EXECUTE_IN_PROGRESS]")
    return action(parameters)
