"""What the sandbox does with stacks, seen through botocore as Gatehouse would.

Run with `python -m unittest discover -s end2end/sandbox` in the environment that has MiniStack.
"""

import json
import unittest

from botocore.exceptions import ClientError
from running_sandbox import Sandbox

ACCOUNT = "111111111111"
QUEUE = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 1}}}}


def template(**resources) -> str:
    return json.dumps({"Resources": resources})


class StackOperations(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sandbox = Sandbox()
        cls.addClassCleanup(cls.sandbox.stop)
        cls.cloudformation = cls.sandbox.client("cloudformation", ACCOUNT)

    def setUp(self):
        self.sandbox.fail(clear=True)
        self.sandbox.fail(delay_seconds=0.02)
        self.stack = "t-" + self.id().rsplit(".", 1)[-1].replace("_", "-")

    def change(self, body: str, kind: str = "CREATE", name: str = "c1", **more) -> str:
        made = self.cloudformation.create_change_set(
            StackName=self.stack, ChangeSetName=name, ChangeSetType=kind, TemplateBody=body,
            Capabilities=["CAPABILITY_IAM"], **more)
        self.sandbox.wait_change_set(self.cloudformation, made["Id"])
        return made["Id"]

    def deploy(self, body: str, kind: str = "CREATE", name: str = "c1", **more) -> str:
        change_set = self.change(body, kind, name)
        self.cloudformation.execute_change_set(ChangeSetName=change_set, **more)
        return self.settled()

    def settled(self) -> str:
        return self.sandbox.settled(self.cloudformation, self.stack)

    def reasons(self) -> str:
        events = self.cloudformation.describe_stack_events(StackName=self.stack)["StackEvents"]
        return "\n".join(e.get("ResourceStatusReason", "") for e in events)

    def refused(self, code: str, words: str, call, **arguments):
        with self.assertRaises(ClientError) as caught:
            call(**arguments)
        error = caught.exception.response["Error"]
        self.assertEqual(error["Code"], code, error)
        self.assertIn(words, error["Message"])

    def test_unknown_property_fails_the_resource(self):
        body = template(Q={"Type": "AWS::SQS::Queue", "Properties": {"DelaySecond": 1}})
        self.assertEqual(self.deploy(body), "ROLLBACK_COMPLETE")
        self.assertIn("extraneous key [DelaySecond] is not permitted", self.reasons())

    def test_missing_property_fails_the_resource(self):
        body = template(A={"Type": "AWS::KMS::Alias", "Properties": {"AliasName": "alias/x"}})
        self.assertEqual(self.deploy(body), "ROLLBACK_COMPLETE")
        self.assertIn("required key [TargetKeyId] not found", self.reasons())

    def test_wrong_type_fails_the_resource(self):
        body = template(Q={"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": "soon"}})
        self.assertEqual(self.deploy(body), "ROLLBACK_COMPLETE")
        self.assertIn("#/DelaySeconds: expected type: Integer, found: String", self.reasons())

    def test_dangling_reference_fails_the_resource(self):
        body = template(F={"Type": "AWS::Lambda::Function", "Properties": {
            "Role": f"arn:aws:iam::{ACCOUNT}:role/nobody", "Runtime": "python3.13",
            "Handler": "index.handler", "Code": {"ZipFile": "def handler(e, c): return 1"}}})
        self.assertEqual(self.deploy(body), "ROLLBACK_COMPLETE")
        self.assertIn("The role with name nobody cannot be found", self.reasons())

    def test_execution_is_asynchronous_and_paced(self):
        self.sandbox.fail(delay_seconds=0.3)
        change_set = self.change(json.dumps(QUEUE))
        self.cloudformation.execute_change_set(ChangeSetName=change_set)
        stack = self.cloudformation.describe_stacks(StackName=self.stack)["Stacks"][0]
        self.assertEqual(stack["StackStatus"], "CREATE_IN_PROGRESS")
        self.assertEqual(self.settled(), "CREATE_COMPLETE")

    def test_asked_for_failure(self):
        self.sandbox.fail(account=ACCOUNT, logical_id="Queue", reason="Quota exceeded")
        self.assertEqual(self.deploy(json.dumps(QUEUE)), "ROLLBACK_COMPLETE")
        self.assertIn("Quota exceeded", self.reasons())

    def test_asked_for_failing_delete(self):
        self.assertEqual(self.deploy(json.dumps(QUEUE)), "CREATE_COMPLETE")
        self.sandbox.fail(logical_id="Queue", reason="In use", operation="delete")
        self.cloudformation.delete_stack(StackName=self.stack)
        self.assertEqual(self.settled(), "DELETE_FAILED")
        self.cloudformation.delete_stack(StackName=self.stack, RetainResources=["Queue"])
        self.assertEqual(self.settled(), "DELETE_COMPLETE")

    def test_asked_for_failing_rollback(self):
        bad = {"Type": "AWS::SQS::Queue", "DependsOn": "Queue", "Properties": {}}
        self.assertEqual(self.deploy(json.dumps(QUEUE)), "CREATE_COMPLETE")
        self.sandbox.fail(logical_id="Bad", reason="No")
        self.sandbox.fail(logical_id="Queue", reason="Still no", operation="rollback")
        changed = {**QUEUE["Resources"]["Queue"], "Properties": {"DelaySeconds": 2}}
        self.assertEqual(self.deploy(template(Queue=changed, Bad=bad), "UPDATE", "c2"),
                         "UPDATE_ROLLBACK_FAILED")
        self.cloudformation.continue_update_rollback(StackName=self.stack, ResourcesToSkip=["Queue"])
        self.assertEqual(self.settled(), "UPDATE_ROLLBACK_COMPLETE")

    def test_throttling_and_outage(self):
        self.sandbox.fail(throttle=1)
        self.refused("Throttling", "Rate exceeded", self.cloudformation.describe_stacks)
        self.sandbox.fail(down_seconds=0.2)
        self.refused("ServiceUnavailable", "unavailable", self.cloudformation.describe_stacks)


if __name__ == "__main__":
    unittest.main()
