"""An operation that the sandbox was stopped in goes on after the next start."""

import json
import time
import unittest

from running_sandbox import Sandbox

ACCOUNT = "888888888888"


def queues(count: int, delay: int = 0) -> str:
    return json.dumps({"Resources": {f"Q{n}": {
        "Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": delay},
        **({"DependsOn": f"Q{n - 1}"} if n else {})} for n in range(count)}})


class Interrupted(unittest.TestCase):
    def setUp(self):
        self.sandbox = Sandbox()
        self.addCleanup(self.sandbox.stop)
        self.client = self.sandbox.client("cloudformation", ACCOUNT)

    def execute(self, body: str, kind: str, name: str):
        made = self.client.create_change_set(StackName="s", ChangeSetName=name, ChangeSetType=kind, TemplateBody=body)
        self.sandbox.wait_change_set(self.client, made["Id"])
        self.client.execute_change_set(ChangeSetName=made["Id"], ClientRequestToken=f"run-{name}")
        return made["Id"]

    def restart_in_the_middle(self):
        time.sleep(0.7)
        self.sandbox.restart()
        self.client = self.sandbox.client("cloudformation", ACCOUNT)

    def settled(self) -> str:
        return self.sandbox.settled(self.client, "s")

    def counted(self, status: str) -> list[str]:
        events = self.client.describe_stack_events(StackName="s")["StackEvents"]
        return sorted(e["LogicalResourceId"] for e in events if e["ResourceStatus"] == status)

    def test_create(self):
        self.sandbox.fail(delay_seconds=0.3)
        change_set = self.execute(queues(4), "CREATE", "c1")
        self.restart_in_the_middle()
        self.assertEqual(self.settled(), "CREATE_COMPLETE")
        self.assertEqual(self.counted("CREATE_COMPLETE"), ["Q0", "Q1", "Q2", "Q3", "s"])
        made = self.sandbox.client("sqs", ACCOUNT).list_queues()["QueueUrls"]
        self.assertEqual(len(made), 4)
        described = self.client.describe_change_set(ChangeSetName=change_set)
        self.assertEqual(described["ExecutionStatus"], "EXECUTE_COMPLETE")
        self.client.execute_change_set(ChangeSetName=change_set, ClientRequestToken="run-c1")

    def test_update_and_delete(self):
        self.execute(queues(4), "CREATE", "c1")
        self.assertEqual(self.settled(), "CREATE_COMPLETE")
        self.sandbox.fail(delay_seconds=0.3)
        self.execute(queues(4, delay=5), "UPDATE", "c2")
        self.restart_in_the_middle()
        self.assertEqual(self.settled(), "UPDATE_COMPLETE")
        self.assertEqual(self.counted("UPDATE_COMPLETE"), ["Q0", "Q1", "Q2", "Q3", "s"])
        self.sandbox.fail(delay_seconds=0.3)
        self.client.delete_stack(StackName="s", ClientRequestToken="gone")
        self.restart_in_the_middle()
        self.assertEqual(self.settled(), "DELETE_COMPLETE")
        self.assertEqual(self.sandbox.client("sqs", ACCOUNT).list_queues().get("QueueUrls", []), [])

    def test_rollback(self):
        self.execute(queues(3), "CREATE", "c1")
        self.settled()
        self.sandbox.fail(delay_seconds=0.3)
        self.sandbox.fail(logical_id="Q2", reason="No")
        self.execute(queues(3, delay=5), "UPDATE", "c2")
        time.sleep(0.5)
        self.restart_in_the_middle()
        self.assertEqual(self.settled(), "UPDATE_ROLLBACK_COMPLETE")


if __name__ == "__main__":
    unittest.main()
