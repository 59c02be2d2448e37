"""Pace and break the sandbox on request: POST /_sandbox/fail with a JSON object.

| member | effect |
|---|---|
| `logical_id`, `reason` | the next operation on that resource fails with that reason; narrowed by `account`, and by `operation`: `create`, `update`, `delete` or `rollback` (default: create or update); `times` (default 1) |
| `delay_seconds` | each resource takes this long from now on |
| `throttle` | the next n API calls answer Throttling |
| `down_seconds` | every API call answers 503 for that long |
| `lose_replies` | the next n calls of `action` are carried out, but answer 503 |

GET shows what is set, DELETE clears it.
"""

import json
import os
import re
import time
import uuid
from dataclasses import asdict, dataclass, field

PATH = "/_sandbox/fail"
OPERATIONS = ("create", "update", "delete", "rollback")


class InjectedFailure(Exception):
    """A failure that was asked for; its text is the resource's status reason."""


class BadFault(ValueError):
    """A request to /_sandbox/fail that means nothing; its text says what would be right."""


@dataclass
class ResourceFault:
    logical_id: str
    reason: str
    account: str | None
    operations: tuple[str, ...]
    times: int


@dataclass
class Faults:
    """What is set to go wrong now, and how long a resource takes (seconds)."""

    delay_seconds: float = field(
        default_factory=lambda: float(os.environ.get("SANDBOX_RESOURCE_SECONDS", "0.3")))
    resources: list[ResourceFault] = field(default_factory=list)
    throttle: int = 0
    down_until: float = 0.0
    lose_replies: int = 0
    lose_replies_of: str | None = None

    def add(self, wanted: dict) -> None:
        unknown = set(wanted) - {"logical_id", "reason", "account", "operation", "times",
                                 "delay_seconds", "throttle", "down_seconds", "lose_replies", "action"}
        if unknown:
            raise BadFault(f"unknown member {sorted(unknown)}")
        if "logical_id" in wanted:
            operation = wanted.get("operation")
            if operation is not None and operation not in OPERATIONS:
                raise BadFault(f"operation must be one of {', '.join(OPERATIONS)}")
            self.resources.append(ResourceFault(
                str(wanted["logical_id"]),
                str(wanted.get("reason", "Internal Failure")),
                wanted.get("account"),
                (operation,) if operation else ("create", "update"),
                int(wanted.get("times", 1))))
        if "delay_seconds" in wanted:
            self.delay_seconds = float(wanted["delay_seconds"])
        if "throttle" in wanted:
            self.throttle = int(wanted["throttle"])
        if "down_seconds" in wanted:
            self.down_until = time.monotonic() + float(wanted["down_seconds"])
        if "lose_replies" in wanted:
            self.lose_replies = int(wanted["lose_replies"])
            self.lose_replies_of = wanted.get("action")

    def clear(self) -> None:
        self.__dict__.update(Faults().__dict__)

    def shown(self) -> dict:
        return {"delay_seconds": self.delay_seconds, "throttle": self.throttle,
                "down_seconds": max(0.0, self.down_until - time.monotonic()),
                "lose_replies": self.lose_replies, "action": self.lose_replies_of,
                "resources": [asdict(r) for r in self.resources]}

    def raise_for_resource(self, account: str, logical_id: str, operation: str) -> None:
        """Raise InjectedFailure if this operation on this resource was asked to fail."""
        for fault in self.resources:
            if (fault.logical_id == logical_id and operation in fault.operations
                    and fault.account in (None, account) and fault.times > 0):
                fault.times -= 1
                if fault.times == 0:
                    self.resources.remove(fault)
                raise InjectedFailure(fault.reason)


FAULTS = Faults()
_ACTION = re.compile(rb"(?:^|&)Action=([A-Za-z]+)")


def wrap(app):
    """The ASGI application with /_sandbox/fail and the faults of whole API calls."""

    async def wrapped(scope, receive, send):
        if scope["type"] != "http" or scope["path"].startswith("/_ministack"):
            await app(scope, receive, send)
            return
        if scope["path"] == PATH:
            await _admin(scope, receive, send)
            return
        if time.monotonic() < FAULTS.down_until:
            await _answer(send, 503, "ServiceUnavailable", "Service is unavailable")
            return
        if FAULTS.throttle > 0:
            FAULTS.throttle -= 1
            await _answer(send, 400, "Throttling", "Rate exceeded")
            return
        if FAULTS.lose_replies > 0:
            body = await _body(receive)
            action = _ACTION.search(body)
            if FAULTS.lose_replies_of is None or (action and action[1].decode() == FAULTS.lose_replies_of):
                FAULTS.lose_replies -= 1
                await app(scope, _replay(body), _discard)
                await _answer(send, 503, "ServiceUnavailable", "Service is unavailable")
                return
            receive = _replay(body)
        await app(scope, receive, send)

    return wrapped


async def _discard(_message):
    return None


async def _body(receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _replay(body: bytes):
    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _admin(scope, receive, send):
    status, answer = 200, None
    if scope["method"] == "POST":
        try:
            wanted = json.loads(await _body(receive))
            if not isinstance(wanted, dict):
                raise BadFault("the body must be a JSON object")
            FAULTS.add(wanted)
        except (ValueError, TypeError) as problem:
            status, answer = 400, {"error": str(problem)}
    elif scope["method"] == "DELETE":
        FAULTS.clear()
    await _send(send, status, b"application/json", json.dumps(answer or FAULTS.shown()).encode())


async def _answer(send, status: int, code: str, message: str):
    body = (f'<ErrorResponse><Error><Type>{"Sender" if status < 500 else "Receiver"}</Type><Code>{code}</Code>'
            f"<Message>{message}</Message></Error><RequestId>{uuid.uuid4()}</RequestId>"
            "</ErrorResponse>")
    await _send(send, status, b"text/xml", body.encode())


async def _send(send, status: int, kind: bytes, body: bytes):
    await send({"type": "http.response.start", "status": status,
                "headers": [(b"content-type", kind), (b"content-length", str(len(body)).encode())]})
    await send({"type": "http.response.body", "body": body})
