"""Start the sandbox on a free port for a test, and talk to it through botocore."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

REGION = "eu-west-1"
_START_SECONDS = 30
_SETTLE_SECONDS = 120
_session = botocore.session.get_session()  # one, which reads each service's model once


class Sandbox:
    """A running sandbox with a state folder of its own, until `stop`."""

    def __init__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._folder = tempfile.TemporaryDirectory()
        self.log = Path(self._folder.name) / "log"
        self._start()

    def restart(self) -> None:
        """Stop it as Ctrl-C does, and start it again with the state it kept."""
        self._end()
        self._start()

    def _start(self) -> None:
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("sandbox_aws.py"))],
                env={**os.environ, "AUTH": "true", "BIND_HOST": "127.0.0.1",
                     "GATEWAY_PORT": str(self.port), "PERSIST_STATE": "1",
                     "STATE_DIR": str(Path(self._folder.name) / "state"),
                     "SANDBOX_RESOURCE_SECONDS": "0.02"},
                stdout=log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                self._request("GET")
                return
            except OSError as problem:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("the sandbox did not start:\n" + self.log.read_text()) from problem
                time.sleep(0.1)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, service: str, key: str, secret: str = "test", token: str | None = None):
        """A botocore client; a 12-digit `key` is the root of that account."""
        return _session.create_client(
            service, region_name=REGION, endpoint_url=self.endpoint, aws_access_key_id=key,
            aws_secret_access_key=secret, aws_session_token=token,
            config=Config(retries={"total_max_attempts": 1, "mode": "standard"}))

    def fail(self, clear: bool = False, **wanted) -> dict:
        """What faults.py describes; `clear` takes everything back."""
        return self._request("DELETE") if clear else self._request("POST", wanted)

    def _request(self, method: str, body: dict | None = None) -> dict:
        request = urllib.request.Request(
            self.endpoint + "/_sandbox/fail", method=method,
            data=None if body is None else json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)

    def settled(self, cloudformation, stack: str) -> str:
        """The stack's status once no operation is running; a deleted stack is DELETE_COMPLETE."""
        deadline = time.monotonic() + _SETTLE_SECONDS
        while time.monotonic() < deadline:
            try:
                status = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
            except ClientError as gone:
                if "does not exist" in str(gone):
                    return "DELETE_COMPLETE"
                raise
            if not status.endswith("IN_PROGRESS"):
                return status
            time.sleep(0.1)
        raise TimeoutError(f"{stack} is still {status}")

    def wait_change_set(self, cloudformation, change_set: str) -> dict:
        """The description of the change set once AWS has finished making it."""
        deadline = time.monotonic() + _SETTLE_SECONDS
        while time.monotonic() < deadline:
            described = cloudformation.describe_change_set(ChangeSetName=change_set)
            if described["Status"] not in ("CREATE_PENDING", "CREATE_IN_PROGRESS"):
                return described
            time.sleep(0.1)
        raise TimeoutError(f"{change_set} is still being made")

    def stop(self) -> None:
        self._end()
        self._folder.cleanup()

    def _end(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=30)
