"""The customer data platform deploys, changes and goes, at every stage it is offered at."""

import json
import tomllib
import unittest
from pathlib import Path

from running_sandbox import Sandbox

FOLDER = Path(__file__).parents[2] / "blueprints" / "customer-data-platform"
TEMPLATE = (FOLDER / "template.yaml").read_text()
MANIFEST = tomllib.loads((FOLDER / "manifest.toml").read_text())
STAGES = {"dev": "222222222222", "staging": "333333333333", "prod": "444444444444", "feature": "555555555555"}


def text(value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class Blueprint(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sandbox = Sandbox()
        cls.addClassCleanup(cls.sandbox.stop)

    def parameters(self, stage: str, boundary: str, **changed) -> list[dict]:
        values = {name: spec.get("stage", {}).get(stage, spec.get("default", ""))
                  for name, spec in MANIFEST["parameter"].items()}
        derived = {"service": "checkout", "team": "payments", "stage": stage, "environment": f"checkout-{stage}",
                   "cost-centre": "CC-1", "permissions-boundary": boundary,
                   "blueprint": "customer-data-platform 1.0.0", "release": "r1"}
        values |= {name: derived[source] for name, source in MANIFEST["derived"].items()}
        values |= changed
        return [{"ParameterKey": k, "ParameterValue": text(v)} for k, v in values.items()]

    def apply(self, client, kind: str, name: str, parameters: list[dict]) -> tuple[str, list[dict]]:
        made = client.create_change_set(
            StackName="checkout", ChangeSetName=name, ChangeSetType=kind, TemplateBody=TEMPLATE,
            Parameters=parameters, Capabilities=["CAPABILITY_IAM"])
        described = self.sandbox.wait_change_set(client, made["Id"])
        self.assertEqual(described["Status"], "CREATE_COMPLETE", described.get("StatusReason"))
        client.execute_change_set(ChangeSetName=made["Id"])
        return self.sandbox.settled(client, "checkout"), described["Changes"]

    def reasons(self, client) -> str:
        events = client.describe_stack_events(StackName="checkout")["StackEvents"]
        return "\n".join(f"{e['LogicalResourceId']}: {e['ResourceStatusReason']}" for e in events
                         if e.get("ResourceStatusReason"))

    def boundary(self, account: str) -> str:
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        return self.sandbox.client("iam", account).create_policy(
            PolicyName="boundary", PolicyDocument=json.dumps(document))["Policy"]["Arn"]

    def test_is_small_enough_to_send_inline(self):
        self.assertLess(len(TEMPLATE.encode()), 51_200)

    def test_is_offered_at_the_stages_tried_here(self):
        self.assertEqual(set(MANIFEST["stages"]), set(STAGES))

    def test_deploys_changes_and_goes(self):
        for stage, account in STAGES.items():
            with self.subTest(stage):
                client = self.sandbox.client("cloudformation", account)
                boundary = self.boundary(account)
                status, changes = self.apply(client, "CREATE", "c1", self.parameters(stage, boundary, AlarmEmail="team@example.com"))
                self.assertEqual(status, "CREATE_COMPLETE", self.reasons(client))
                outputs = client.describe_stacks(StackName="checkout")["Stacks"][0]["Outputs"]
                self.assertEqual({o["OutputKey"] for o in outputs}, set(MANIFEST["output"]))
                tables = self.tables(account)
                other = {"PROVISIONED": "PAY_PER_REQUEST", "PAY_PER_REQUEST": "PROVISIONED"}
                before = tables["Customers"]["BillingModeSummary"]["BillingMode"]
                status, changes = self.apply(client, "UPDATE", "c2", self.parameters(
                    stage, boundary, ApiMemory=1024, LogRetentionDays=7, ArchiveDays=3, AlarmEmail="",
                    TableBilling=other[before]))
                self.assertEqual(status, "UPDATE_COMPLETE", self.reasons(client))
                changed = {c["ResourceChange"]["LogicalResourceId"]: c["ResourceChange"] for c in changes}
                self.assertEqual(changed["Api"]["Replacement"], "False")
                self.assertEqual(changed["AlarmMail"]["Action"], "Remove")
                self.assertEqual(changed["Customers"]["Replacement"], "False")
                self.assertNotIn("Key", changed)
                after = self.tables(account)
                self.assertEqual(after["Customers"]["TableId"], tables["Customers"]["TableId"])
                self.assertEqual(after["Customers"]["BillingModeSummary"]["BillingMode"], other[before])
                self.decommission(client, stage, boundary)

    def tables(self, account: str) -> dict[str, dict]:
        client = self.sandbox.client("dynamodb", account)
        return {name.split("-")[1]: client.describe_table(TableName=name)["Table"]
                for name in client.list_tables()["TableNames"]}

    def decommission(self, client, stage: str, boundary: str):
        tables = self.sandbox.client("dynamodb", STAGES[stage])
        if stage == "prod":
            name = tables.list_tables()["TableNames"][0]
            with self.assertRaisesRegex(Exception, "protect"):
                tables.delete_table(TableName=name)
            status, _ = self.apply(client, "UPDATE", "c3", self.parameters(stage, boundary, DeletionProtection=False))
            self.assertEqual(status, "UPDATE_COMPLETE", self.reasons(client))
        client.delete_stack(StackName="checkout")
        self.assertEqual(self.sandbox.settled(client, "checkout"), "DELETE_COMPLETE")
        self.assertEqual(tables.list_tables()["TableNames"], [])


if __name__ == "__main__":
    unittest.main()
