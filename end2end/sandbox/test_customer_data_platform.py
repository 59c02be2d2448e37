"""The customer data platform deploys, changes and goes, at every stage it is offered at."""

import unittest

import blueprint_case
from blueprint_case import STACK

_OTHER_BILLING = {"PROVISIONED": "PAY_PER_REQUEST", "PAY_PER_REQUEST": "PROVISIONED"}


class CustomerDataPlatform(blueprint_case.BlueprintCase):
    folder = "customer-data-platform"
    values = {"AlarmEmail": "team@example.com"}
    others = {"ApiMemory": 1024, "LogRetentionDays": 7, "ArchiveDays": 3, "AlarmEmail": ""}

    def test_is_small_enough_to_send_inline(self):
        self.assertLess(len(self.blueprint.template.encode()), 51_200)

    def check_created(self, stage: str, account: str):
        """What the manifest sets for the stage is what the services have."""
        functions = self.client("lambda", account)
        api = next(f["FunctionName"] for f in functions.list_functions()["Functions"] if "-Api-" in f["FunctionName"])
        memory = functions.get_function(FunctionName=api)["Configuration"]["MemorySize"]
        self.assertEqual(memory, self.blueprint.default("ApiMemory", stage))
        reserved = functions.get_function_concurrency(FunctionName=api).get("ReservedConcurrentExecutions", 0)
        self.assertEqual(reserved, self.blueprint.default("ApiConcurrency", stage))
        self.before = self.tables(account)
        for table in self.before.values():
            self.assertEqual(table["DeletionProtectionEnabled"], self.blueprint.default("DeletionProtection", stage))
            self.assertEqual(table["BillingModeSummary"]["BillingMode"], self.blueprint.default("TableBilling", stage))
            self.assertEqual(table["SSEDescription"]["SSEType"], "KMS")
        logs = self.client("logs", account).describe_log_groups(logGroupNamePrefix=STACK)["logGroups"]
        self.assertEqual({g["retentionInDays"] for g in logs}, {int(self.blueprint.default("LogRetentionDays", stage))})
        self.assertTrue(all(g["kmsKeyId"] for g in logs))

    def more_values(self, stage: str, account: str) -> dict:
        self.billing = _OTHER_BILLING[self.before["Customers"]["BillingModeSummary"]["BillingMode"]]
        return {"TableBilling": self.billing}

    def check_updated(self, stage: str, account: str, changed: dict[str, dict]):
        self.assertEqual(changed["Api"]["Replacement"], "False")
        self.assertEqual(changed["AlarmMail"]["Action"], "Remove")
        self.assertEqual(changed["Customers"]["Replacement"], "False")
        self.assertNotIn("Key", changed)
        after = self.tables(account)
        self.assertEqual(after["Customers"]["TableId"], self.before["Customers"]["TableId"])
        self.assertEqual(after["Customers"]["BillingModeSummary"]["BillingMode"], self.billing)

    def tables(self, account: str) -> dict[str, dict]:
        client = self.client("dynamodb", account)
        return {name.split("-")[3]: client.describe_table(TableName=name)["Table"]
                for name in client.list_tables()["TableNames"]}

    def before_decommission(self, stage: str, account: str) -> dict:
        if stage != "prod":
            return {}
        tables = self.client("dynamodb", account)
        with self.assertRaisesRegex(Exception, "protect"):
            tables.delete_table(TableName=tables.list_tables()["TableNames"][0])
        return {"DeletionProtection": False, "TableBilling": self.billing}


if __name__ == "__main__":
    unittest.main()
