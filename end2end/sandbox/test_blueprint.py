"""The customer data platform deploys, changes and goes, at every stage it is offered at."""

import json
import tomllib
import unittest
from pathlib import Path

from running_sandbox import Sandbox

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "blueprints" / "customer-data-platform"
ACCOUNT_TEMPLATE = (ROOT / "docs" / "roles" / "target-account.yaml").read_text()
TEMPLATE = (FOLDER / "template.yaml").read_text()
MANIFEST = tomllib.loads((FOLDER / "manifest.toml").read_text())
STACK = "gatehouse-payments-checkout"
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
            StackName=STACK, ChangeSetName=name, ChangeSetType=kind, TemplateBody=TEMPLATE,
            Parameters=parameters, Capabilities=["CAPABILITY_IAM"], RoleARN=self.access["ServiceRole"])
        described = self.sandbox.wait_change_set(client, made["Id"])
        self.assertEqual(described["Status"], "CREATE_COMPLETE", described.get("StatusReason"))
        client.execute_change_set(ChangeSetName=made["Id"])
        return self.sandbox.settled(client, STACK), described["Changes"]

    def reasons(self, client) -> str:
        events = client.describe_stack_events(StackName=STACK)["StackEvents"]
        return "\n".join(f"{e['LogicalResourceId']}: {e['ResourceStatusReason']}" for e in events
                         if e.get("ResourceStatusReason"))

    def prepared(self, client, account: str) -> dict[str, str]:
        """The outputs of the roles template that a real account is prepared with."""
        self.sandbox.client("iam", "999999999999").create_user(UserName=f"portal-{account}")
        client.create_stack(
            StackName="portal-access", TemplateBody=ACCOUNT_TEMPLATE, Capabilities=["CAPABILITY_NAMED_IAM"],
            Parameters=[{"ParameterKey": "PortalPrincipalArn", "ParameterValue": f"arn:aws:iam::999999999999:user/portal-{account}"},
                        {"ParameterKey": "ExternalId", "ParameterValue": "an-external-id-of-some-length"}])
        self.assertEqual(self.sandbox.settled(client, "portal-access"), "CREATE_COMPLETE")
        outputs = client.describe_stacks(StackName="portal-access")["Stacks"][0]["Outputs"]
        return {o["OutputKey"]: o["OutputValue"] for o in outputs}

    def test_is_small_enough_to_send_inline(self):
        self.assertLess(len(TEMPLATE.encode()), 51_200)

    def test_is_offered_at_the_stages_tried_here(self):
        self.assertEqual(set(MANIFEST["stages"]), set(STAGES))

    def test_deploys_changes_and_goes(self):
        for stage, account in STAGES.items():
            with self.subTest(stage):
                client = self.sandbox.client("cloudformation", account)
                self.access = self.prepared(client, account)
                boundary = self.access["PermissionsBoundary"]
                status, changes = self.apply(client, "CREATE", "c1", self.parameters(stage, boundary, AlarmEmail="team@example.com"))
                self.assertEqual(status, "CREATE_COMPLETE", self.reasons(client))
                outputs = client.describe_stacks(StackName=STACK)["Stacks"][0]["Outputs"]
                self.assertEqual({o["OutputKey"] for o in outputs}, set(MANIFEST["output"]))
                self.check_sizes(stage, account)
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

    def check_sizes(self, stage: str, account: str):
        """What the manifest sets for the stage is what the services have."""
        def wanted(name):
            spec = MANIFEST["parameter"][name]
            return spec.get("stage", {}).get(stage, spec["default"])

        functions = self.sandbox.client("lambda", account)
        api = next(f["FunctionName"] for f in functions.list_functions()["Functions"] if "-Api-" in f["FunctionName"])
        self.assertEqual(functions.get_function(FunctionName=api)["Configuration"]["MemorySize"], wanted("ApiMemory"))
        reserved = functions.get_function_concurrency(FunctionName=api).get("ReservedConcurrentExecutions", 0)
        self.assertEqual(reserved, wanted("ApiConcurrency"))
        for table in self.tables(account).values():
            self.assertEqual(table["DeletionProtectionEnabled"], wanted("DeletionProtection"))
            self.assertEqual(table["BillingModeSummary"]["BillingMode"], wanted("TableBilling"))
            self.assertEqual(table["SSEDescription"]["SSEType"], "KMS")
        logs = self.sandbox.client("logs", account).describe_log_groups(logGroupNamePrefix=STACK)["logGroups"]
        self.assertEqual({g["retentionInDays"] for g in logs}, {int(wanted("LogRetentionDays"))})
        self.assertTrue(all(g["kmsKeyId"] for g in logs))

    def tables(self, account: str) -> dict[str, dict]:
        client = self.sandbox.client("dynamodb", account)
        return {name.split("-")[3]: client.describe_table(TableName=name)["Table"]
                for name in client.list_tables()["TableNames"]}

    def decommission(self, client, stage: str, boundary: str):
        tables = self.sandbox.client("dynamodb", STAGES[stage])
        if stage == "prod":
            name = tables.list_tables()["TableNames"][0]
            with self.assertRaisesRegex(Exception, "protect"):
                tables.delete_table(TableName=name)
            status, _ = self.apply(client, "UPDATE", "c3", self.parameters(stage, boundary, DeletionProtection=False))
            self.assertEqual(status, "UPDATE_COMPLETE", self.reasons(client))
        client.delete_stack(StackName=STACK)
        self.assertEqual(self.sandbox.settled(client, STACK), "DELETE_COMPLETE")
        self.assertEqual(tables.list_tables()["TableNames"], [])


if __name__ == "__main__":
    unittest.main()
