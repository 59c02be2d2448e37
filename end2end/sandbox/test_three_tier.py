"""The three tiers deploy, change and go, at every stage they are offered at."""

import unittest

import blueprint_case
from blueprint_case import STACK


class ThreeTier(blueprint_case.BlueprintCase):
    folder = "three-tier"
    values = {
        "DomainName": "shop.example.com",
        "HomeVersion": "1.0.0", "CheckoutVersion": "1.0.0", "AlarmEmail": "team@example.com",
        "PaymentsHost": "api.payments.example.com", "ShippingHost": "api.carrier.example.com"}
    others = {"HomeVersion": "1.1.0", "FunctionMemory": 1024, "LogRetentionDays": 7, "AlarmEmail": "",
              "DatabaseClass": "db.r7g.large", "RequestsPerAddress": 5000}

    def prepare(self, account: str) -> dict:
        made = self.client("route53", account).create_hosted_zone(Name="example.com", CallerReference=account)
        return {"HostedZoneId": made["HostedZone"]["Id"].rpartition("/")[2]}

    def check_created(self, stage: str, account: str):
        def default(name: str):
            return self.blueprint.default(name, stage)

        (database,) = self.client("rds", account).describe_db_instances()["DBInstances"]
        self.assertEqual(database["MultiAZ"], default("DatabaseStandby"))
        self.assertEqual(database["DeletionProtection"], default("DeletionProtection"))
        self.assertEqual(database["BackupRetentionPeriod"], default("DatabaseBackupDays"))
        self.assertTrue(database["StorageEncrypted"])
        self.database = database["DBInstanceIdentifier"]
        zones = 2 if default("ZoneRedundancy") else 1
        ec2 = self.client("ec2", account)
        self.assertEqual(len(ec2.describe_nat_gateways()["NatGateways"]), zones)
        endpoints = ec2.describe_vpc_endpoints()["VpcEndpoints"]
        self.assertEqual(sum(e["VpcEndpointType"] == "GatewayLoadBalancer" for e in endpoints), zones)
        services = self.services(account)
        self.assertEqual({s["desiredCount"] for s in services.values()}, {default("TasksMinimum")})
        logs = self.client("logs", account).describe_log_groups(logGroupNamePrefix=STACK)["logGroups"]
        self.assertEqual({g["retentionInDays"] for g in logs}, {int(default("LogRetentionDays"))})
        self.assertTrue(all(g["kmsKeyId"] for g in logs))

    def services(self, account: str) -> dict[str, dict]:
        ecs = self.client("ecs", account)
        (cluster,) = ecs.list_clusters()["clusterArns"]
        arns = ecs.list_services(cluster=cluster)["serviceArns"]
        return {s["serviceName"]: s for s in ecs.describe_services(cluster=cluster, services=arns)["services"]}

    def check_updated(self, stage: str, account: str, changed: dict[str, dict]):
        self.assertEqual(changed["Database"]["Replacement"], "False")
        self.assertEqual(changed["HomeTask"]["Replacement"], "True")
        self.assertEqual(changed["HomeService"]["Replacement"], "False")
        self.assertEqual(changed["AlarmMail"]["Action"], "Remove")
        for untouched in ("Key", "Vpc", "EgressFirewallA", "LoadBalancer"):
            self.assertNotIn(untouched, changed)
        (database,) = self.client("rds", account).describe_db_instances()["DBInstances"]
        self.assertEqual(database["DBInstanceIdentifier"], self.database)
        tasks = {name.rpartition("-")[2]: s["taskDefinition"].rpartition(":")[2] for name, s in self.services(account).items()}
        self.assertEqual(tasks, {"HomeService": "2", "CheckoutService": "1"})
        self.assertEqual(database["DBInstanceClass"], "db.r7g.large")

    def before_decommission(self, stage: str, account: str) -> dict:
        if not self.blueprint.default("FinalSnapshot", stage):
            return {}
        return {"FinalSnapshot": False, "DeletionProtection": False}


if __name__ == "__main__":
    unittest.main()
