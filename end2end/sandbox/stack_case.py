"""What the tests of stacks are made of: a sandbox for each class, a stack for each test."""

import json
import unittest

from botocore.exceptions import ClientError
from running_sandbox import Sandbox

QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 1}}


def template(**resources) -> str:
    return json.dumps({"Resources": resources})


class StackCase(unittest.TestCase):
    """Make, execute and watch the stack `self.stack` as the root of `account`."""

    account = "666666666666"

    @classmethod
    def setUpClass(cls):
        cls.sandbox = Sandbox()
        cls.addClassCleanup(cls.sandbox.stop)
        cls.cloudformation = cls.sandbox.client("cloudformation", cls.account)

    def setUp(self):
        self.sandbox.fail(clear=True)
        self.sandbox.fail(delay_seconds=0.02)
        self.stack = "t-" + self.id().rsplit(".", 1)[-1].replace("_", "-")

    def make(self, body: str, kind: str = "CREATE", name: str = "c1", **more) -> dict:
        made = self.cloudformation.create_change_set(
            StackName=self.stack, ChangeSetName=name, ChangeSetType=kind, TemplateBody=body,
            Capabilities=["CAPABILITY_NAMED_IAM"], **more)
        return self.sandbox.wait_change_set(self.cloudformation, made["Id"])

    def execute(self, described: dict, **more):
        return self.cloudformation.execute_change_set(ChangeSetName=described["ChangeSetId"], **more)

    def deploy(self, body: str, kind: str = "CREATE", name: str = "c1", **more) -> str:
        self.execute(self.make(body, kind, name, **more))
        return self.settled()

    def settled(self) -> str:
        return self.sandbox.settled(self.cloudformation, self.stack)

    def events(self) -> list[dict]:
        return self.cloudformation.describe_stack_events(StackName=self.stack)["StackEvents"]

    def reasons(self) -> str:
        return "\n".join(e.get("ResourceStatusReason", "") for e in self.events())

    def refused(self, code: str, words: str, call, *given, **arguments):
        with self.assertRaises(ClientError) as caught:
            call(*given, **arguments)
        error = caught.exception.response["Error"]
        self.assertEqual(error["Code"], code, error)
        self.assertIn(words, error["Message"])
