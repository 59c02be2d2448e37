"""What the test of a blueprint is made of: it deploys, changes and goes, at every stage it is offered at."""

import hashlib
import tomllib
import unittest
from pathlib import Path

from running_sandbox import Sandbox

ROOT = Path(__file__).parents[2]
BLUEPRINTS = ROOT / "blueprints"
STACK = "gatehouse-payments-checkout"
ACCOUNTS = {"dev": "222222222222", "staging": "333333333333", "prod": "444444444444", "feature": "555555555555"}
_ACCOUNT_TEMPLATE = (ROOT / "docs" / "roles" / "target-account.yaml").read_text()
_INLINE_BYTES = 51_200


def text(value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class Blueprint:
    """One folder of blueprints."""

    def __init__(self, name: str):
        self.name = name
        self.manifest = tomllib.loads((BLUEPRINTS / name / "manifest.toml").read_text())
        (stack,) = self.manifest["stack"]
        self.template = (BLUEPRINTS / name / stack["template"]).read_text()

    def default(self, parameter: str, stage: str):
        spec = self.manifest["parameter"][parameter]
        return spec.get("stage", {}).get(stage, spec.get("default", ""))

    def parameters(self, stage: str, boundary: str, values: dict) -> list[dict]:
        derived = {"service": "checkout", "team": "payments", "stage": stage, "environment": f"checkout-{stage}",
                   "cost-centre": "CC-1", "permissions-boundary": boundary,
                   "blueprint": f"{self.name} {self.manifest['version']}", "release": "r1"}
        given = {name: self.default(name, stage) for name in self.manifest["parameter"]}
        given |= {name: derived[source] for name, source in self.manifest["derived"].items()} | values
        return [{"ParameterKey": name, "ParameterValue": text(value)} for name, value in given.items()]


class BlueprintCase(unittest.TestCase):
    """A subclass names the folder and the values that have no default, and looks at what was made of it.

    Import the module and not the class, or this class itself counts as a test.
    """

    folder = ""
    values: dict = {}  # parameters for the creation, beside the defaults
    others: dict = {}  # parameters that the update changes

    @classmethod
    def setUpClass(cls):
        cls.blueprint = Blueprint(cls.folder)
        cls.sandbox = Sandbox()
        cls.addClassCleanup(cls.sandbox.stop)
        cls.sandbox.fail(delay_seconds=0)

    # What a subclass says of its own.

    def prepare(self, account: str) -> dict:
        """Make what the environment needs to find in its account; the parameters that name it."""
        return {}

    def check_created(self, stage: str, account: str) -> None:
        """Look at what stands after the creation."""

    def more_values(self, stage: str, account: str) -> dict:
        """Further values for the update, which may depend on what stands."""
        return {}

    def check_updated(self, stage: str, account: str, changed: dict[str, dict]) -> None:
        """Look at the changes of the update by logical id, and at what stands after it."""

    def before_decommission(self, stage: str, account: str) -> dict:
        """Values of the update that lets the environment be deleted; none where it can be at once."""
        return {}

    # What holds for every blueprint.

    def client(self, service: str, account: str):
        return self.sandbox.client(service, account)

    def apply(self, account: str, kind: str, name: str, parameters: list[dict]) -> tuple[str, list[dict]]:
        client = self.client("cloudformation", account)
        made = client.create_change_set(
            StackName=STACK, ChangeSetName=name, ChangeSetType=kind, **self.template(account), Parameters=parameters,
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"], RoleARN=self.access["ServiceRole"])
        described = self.sandbox.wait_change_set(client, made["Id"])
        self.assertEqual(described["Status"], "CREATE_COMPLETE", described.get("StatusReason"))
        changes = described["Changes"]
        while token := described.get("NextToken"):
            described = client.describe_change_set(ChangeSetName=made["Id"], NextToken=token)
            changes += described["Changes"]
        client.execute_change_set(ChangeSetName=made["Id"])
        return self.sandbox.settled(client, STACK), changes

    def template(self, account: str) -> dict:
        """The template as the portal sends it: a large one goes through the account's bucket, under its digest."""
        body = self.blueprint.template
        if len(body.encode()) <= _INLINE_BYTES:
            return {"TemplateBody": body}
        bucket, key = self.access["ArtifactBucket"], hashlib.sha256(body.encode()).hexdigest()
        self.client("s3", account).put_object(Bucket=bucket, Key=key, Body=body.encode())
        return {"TemplateURL": f"{self.sandbox.endpoint}/{bucket}/{key}"}

    def update(self, account: str, stage: str, name: str, values: dict) -> list[dict]:
        parameters = self.blueprint.parameters(stage, self.access["PermissionsBoundary"], self.given | values)
        status, changes = self.apply(account, "UPDATE", name, parameters)
        self.assertEqual(status, "UPDATE_COMPLETE", self.reasons(account))
        return changes

    def reasons(self, account: str) -> str:
        pages = self.client("cloudformation", account).get_paginator("describe_stack_events").paginate(StackName=STACK)
        return "\n".join(f"{e['LogicalResourceId']}: {e['ResourceStatusReason']}" for page in pages
                         for e in page["StackEvents"] if "FAILED" in e["ResourceStatus"])

    def prepared(self, account: str) -> dict[str, str]:
        """The outputs of the roles template that a real account is prepared with."""
        client = self.client("cloudformation", account)
        self.client("iam", "999999999999").create_user(UserName=f"portal-{account}")
        client.create_stack(
            StackName="portal-access", TemplateBody=_ACCOUNT_TEMPLATE, Capabilities=["CAPABILITY_NAMED_IAM"],
            Parameters=[{"ParameterKey": "PortalPrincipalArn", "ParameterValue": f"arn:aws:iam::999999999999:user/portal-{account}"},
                        {"ParameterKey": "ExternalId", "ParameterValue": "an-external-id-of-some-length"}])
        self.assertEqual(self.sandbox.settled(client, "portal-access"), "CREATE_COMPLETE")
        outputs = client.describe_stacks(StackName="portal-access")["Stacks"][0]["Outputs"]
        return {o["OutputKey"]: o["OutputValue"] for o in outputs}

    def standing(self, account: str) -> set[str]:
        """What the account's services have, by kind and name."""
        found = set()
        for service, call, members, name in _LISTS:
            answer = getattr(self.client(service, account), call)()
            for member in answer[members]:
                found.add(f"{members}: {member if isinstance(member, str) else member[name]}")
        keys = self.client("kms", account)
        for key in keys.list_keys()["Keys"]:
            if keys.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "Enabled":
                found.add(f"Keys: {key['KeyId']}")
        return found

    def test_is_offered_at_the_stages_tried_here(self):
        self.assertEqual(set(self.blueprint.manifest["stages"]), set(ACCOUNTS))

    def test_deploys_changes_and_goes(self):
        for stage, account in ACCOUNTS.items():
            with self.subTest(stage):
                self.access = self.prepared(account)
                self.given = self.values | self.prepare(account)
                before = self.standing(account)
                client = self.client("cloudformation", account)
                parameters = self.blueprint.parameters(stage, self.access["PermissionsBoundary"], self.given)
                status, _ = self.apply(account, "CREATE", "c1", parameters)
                self.assertEqual(status, "CREATE_COMPLETE", self.reasons(account))
                stack = client.describe_stacks(StackName=STACK)["Stacks"][0]
                self.assertEqual({o["OutputKey"] for o in stack["Outputs"]}, set(self.blueprint.manifest["output"]))
                self.check_created(stage, account)
                changes = self.update(account, stage, "c2", self.others | self.more_values(stage, account))
                changed = {c["ResourceChange"]["LogicalResourceId"]: c["ResourceChange"] for c in changes}
                self.check_updated(stage, account, changed)
                if last := self.before_decommission(stage, account):
                    self.update(account, stage, "c3", self.others | last)
                client.delete_stack(StackName=STACK)
                self.assertEqual(self.sandbox.settled(client, STACK), "DELETE_COMPLETE", stack["StackId"])
                self.assertEqual(self.standing(account) - before, set())


_LISTS = [
    ("acm", "list_certificates", "CertificateSummaryList", "CertificateArn"),
    ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    ("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
    ("dynamodb", "list_tables", "TableNames", ""),
    ("ec2", "describe_addresses", "Addresses", "AllocationId"),
    ("ec2", "describe_flow_logs", "FlowLogs", "FlowLogId"),
    ("ec2", "describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
    ("ec2", "describe_nat_gateways", "NatGateways", "NatGatewayId"),
    ("ec2", "describe_network_acls", "NetworkAcls", "NetworkAclId"),
    ("ec2", "describe_route_tables", "RouteTables", "RouteTableId"),
    ("ec2", "describe_security_groups", "SecurityGroups", "GroupId"),
    ("ec2", "describe_subnets", "Subnets", "SubnetId"),
    ("ec2", "describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
    ("ec2", "describe_vpcs", "Vpcs", "VpcId"),
    ("ecs", "list_clusters", "clusterArns", ""),
    ("ecs", "list_task_definitions", "taskDefinitionArns", ""),
    ("elbv2", "describe_load_balancers", "LoadBalancers", "LoadBalancerArn"),
    ("elbv2", "describe_target_groups", "TargetGroups", "TargetGroupArn"),
    ("events", "list_event_buses", "EventBuses", "Name"),
    ("iam", "list_policies", "Policies", "PolicyName"),
    ("iam", "list_roles", "Roles", "RoleName"),
    ("kms", "list_aliases", "Aliases", "AliasName"),
    ("lambda", "list_functions", "Functions", "FunctionName"),
    ("logs", "describe_log_groups", "logGroups", "logGroupName"),
    ("rds", "describe_db_instances", "DBInstances", "DBInstanceIdentifier"),
    ("rds", "describe_db_parameter_groups", "DBParameterGroups", "DBParameterGroupName"),
    ("rds", "describe_db_snapshots", "DBSnapshots", "DBSnapshotIdentifier"),
    ("rds", "describe_db_subnet_groups", "DBSubnetGroups", "DBSubnetGroupName"),
    ("s3", "list_buckets", "Buckets", "Name"),
    ("secretsmanager", "list_secrets", "SecretList", "Name"),
    ("sns", "list_topics", "Topics", "TopicArn"),
]
