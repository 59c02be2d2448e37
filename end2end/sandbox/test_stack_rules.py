"""What the sandbox refuses and remembers as CloudFormation does."""

import json
import time
import unittest

from stack_case import QUEUE, StackCase, template

ROLE = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}}}


def policy(*statements) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def allow(action, resource="*", **more) -> dict:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


class StackRules(StackCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.iam = cls.sandbox.client("iam", cls.account)

    def role(self, name: str, document: str, service: str = "cloudformation.amazonaws.com", **more) -> str:
        trust = policy({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"})
        arn = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, **more)["Role"]["Arn"]
        self.iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document)
        return arn

    def test_rolled_back_stack_takes_no_change_set(self):
        self.sandbox.fail(logical_id="Q", reason="No")
        self.assertEqual(self.deploy(template(Q=QUEUE)), "ROLLBACK_COMPLETE")
        self.assertIn("The following resource(s) failed to create: [Q]. Rollback requested by user.", self.reasons())
        self.refused("ValidationError", "is in ROLLBACK_COMPLETE state and can not be updated.",
                     self.make, template(Q=QUEUE), "UPDATE", "c2")
        self.refused("ValidationError", "already exists and cannot be created again with the changeSet [c2]",
                     self.make, template(Q=QUEUE), "CREATE", "c2")
        self.cloudformation.delete_stack(StackName=self.stack)
        self.assertEqual(self.settled(), "DELETE_COMPLETE")
        self.assertEqual(self.deploy(template(Q=QUEUE), name="c3"), "CREATE_COMPLETE")

    def test_execution_token(self):
        described = self.make(template(Q=QUEUE))
        self.execute(described, ClientRequestToken="d1-execute")
        self.execute(described, ClientRequestToken="d1-execute")
        self.assertEqual(self.settled(), "CREATE_COMPLETE")
        self.execute(described, ClientRequestToken="d1-execute")
        self.assertEqual(self.settled(), "CREATE_COMPLETE")
        ran = [e for e in self.events() if e["ResourceStatus"] == "CREATE_COMPLETE"]
        self.assertEqual({e["ClientRequestToken"] for e in ran}, {"d1-execute"})
        self.assertEqual(len(ran), 2)
        self.refused("InvalidChangeSetStatus", "[EXECUTE_COMPLETE]", self.execute, described, ClientRequestToken="other")
        self.refused("TokenAlreadyExistsException", "d1-execute", self.cloudformation.delete_stack,
                     StackName=self.stack, ClientRequestToken="d1-execute")

    def test_delete_token(self):
        self.deploy(template(Q=QUEUE))
        stack = self.cloudformation.describe_stacks(StackName=self.stack)["Stacks"][0]["StackId"]
        for _ in range(3):
            self.cloudformation.delete_stack(StackName=stack, ClientRequestToken="d2-delete")
            time.sleep(0.1)
        self.settled()
        self.assertEqual(self.deploy(template(Q=QUEUE), name="c2"), "CREATE_COMPLETE")
        old = self.cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
        self.assertEqual(old["StackStatus"], "DELETE_COMPLETE")
        self.cloudformation.delete_stack(StackName=stack, ClientRequestToken="d2-delete")
        self.assertEqual(self.settled(), "CREATE_COMPLETE")

    def test_creation_token(self):
        first = self.make(template(Q=QUEUE), ClientToken="plan-1")
        again = self.make(template(Q=QUEUE), ClientToken="plan-1")
        self.assertEqual(first["ChangeSetId"], again["ChangeSetId"])
        self.refused("AlreadyExistsException", "already exists", self.make, template(Q=QUEUE), ClientToken="plan-2")

    def test_change_set_takes_a_while(self):
        self.sandbox.fail(delay_seconds=0.4)
        made = self.cloudformation.create_change_set(
            StackName=self.stack, ChangeSetName="c1", ChangeSetType="CREATE", TemplateBody=template(Q=QUEUE))
        described = self.cloudformation.describe_change_set(ChangeSetName=made["Id"])
        self.assertEqual((described["Status"], described["ExecutionStatus"]), ("CREATE_IN_PROGRESS", "UNAVAILABLE"))
        self.refused("InvalidChangeSetStatus", "[CREATE_IN_PROGRESS]", self.execute, described)

    def test_executing_one_change_set_deletes_the_others(self):
        first, second = self.make(template(Q=QUEUE)), self.make(template(Q=QUEUE), name="c2")
        self.assertEqual(first["StackId"], second["StackId"])
        self.execute(first)
        self.assertEqual(self.settled(), "CREATE_COMPLETE")
        self.refused("ChangeSetNotFound", "does not exist", self.execute, second)

    def test_stack_in_review_takes_no_update(self):
        self.make(template(Q=QUEUE))
        self.refused("ValidationError", "does not exist", self.make, template(Q=QUEUE), "UPDATE", "c2")

    def test_no_change_set_while_an_operation_runs(self):
        self.sandbox.fail(delay_seconds=0.3)
        self.execute(self.make(template(Q=QUEUE)))
        self.refused("ValidationError", "is in CREATE_IN_PROGRESS state and can not be updated",
                     self.make, template(Q=QUEUE), "UPDATE", "c2")
        self.refused("ValidationError", "CancelUpdateStack cannot be called from current stack status",
                     self.cloudformation.cancel_update_stack, StackName=self.stack)
        self.settled()

    def test_deleting_stops_a_creation(self):
        self.sandbox.fail(delay_seconds=0.3)
        self.execute(self.make(template(Q=QUEUE, R={**QUEUE, "DependsOn": "Q"})))
        time.sleep(0.4)
        self.cloudformation.delete_stack(StackName=self.stack)
        self.assertEqual(self.settled(), "DELETE_COMPLETE")
        queues = self.sandbox.client("sqs", self.account).list_queues(QueueNamePrefix=self.stack)
        self.assertEqual(queues.get("QueueUrls", []), [])

    def test_cancelling_an_update(self):
        self.deploy(template(Q=QUEUE))
        self.sandbox.fail(delay_seconds=0.3)
        changed = {**QUEUE, "Properties": {"DelaySeconds": 9}}
        self.execute(self.make(template(Q=changed, R={**QUEUE, "DependsOn": "Q"}), "UPDATE", "c2"))
        self.refused("ValidationError", "cannot be deleted while in status UPDATE_IN_PROGRESS",
                     self.cloudformation.delete_stack, StackName=self.stack)
        for _ in range(2):
            self.cloudformation.cancel_update_stack(StackName=self.stack, ClientRequestToken="d3-cancel")
        self.assertEqual(self.settled(), "UPDATE_ROLLBACK_COMPLETE")
        self.assertIn("d3-cancel", {e.get("ClientRequestToken") for e in self.events()})

    def test_clean_up_after_an_update_is_told(self):
        self.deploy(template(Q=QUEUE, R=QUEUE))
        self.assertEqual(self.deploy(template(Q=QUEUE), "UPDATE", "c2"), "UPDATE_COMPLETE")
        told = [(e["LogicalResourceId"], e["ResourceStatus"]) for e in reversed(self.events())][-5:]
        self.assertEqual(told, [
            (self.stack, "UPDATE_IN_PROGRESS"), (self.stack, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"),
            ("R", "DELETE_IN_PROGRESS"), ("R", "DELETE_COMPLETE"), (self.stack, "UPDATE_COMPLETE")])

    def test_termination_protection(self):
        self.deploy(template(Q=QUEUE))
        self.cloudformation.update_termination_protection(StackName=self.stack, EnableTerminationProtection=True)
        self.refused("ValidationError", "TerminationProtection is enabled",
                     self.cloudformation.delete_stack, StackName=self.stack)

    def test_long_change_sets_come_in_pages(self):
        described = self.make(template(**{f"T{n}": {"Type": "AWS::SNS::Topic"} for n in range(130)}))
        self.assertEqual(len(described["Changes"]), 100)
        rest = self.cloudformation.describe_change_set(
            ChangeSetName=described["ChangeSetId"], NextToken=described["NextToken"])
        self.assertEqual(len(rest["Changes"]), 30)
        self.assertNotIn("NextToken", rest)

    def test_absent_resources_are_not_listed(self):
        described = self.make(json.dumps({
            "Conditions": {"Never": {"Fn::Equals": ["a", "b"]}},
            "Resources": {"Q": QUEUE, "R": {**QUEUE, "Condition": "Never"}}}))
        self.assertEqual([c["ResourceChange"]["LogicalResourceId"] for c in described["Changes"]], ["Q"])

    def test_role_must_exist_and_trust_cloudformation(self):
        untrusting = self.role("for-lambda", policy(allow("*")), "lambda.amazonaws.com")
        for role in (f"arn:aws:iam::{self.account}:role/absent", untrusting):
            self.refused("ValidationError", f"Role {role} is invalid or cannot be assumed",
                         self.make, template(Q=QUEUE), RoleARN=role)
        self.refused("AccessDenied", "Cross-account pass role is not allowed",
                     self.make, template(Q=QUEUE), RoleARN="arn:aws:iam::777777777777:role/other")

    def test_role_is_kept_and_limits_what_a_stack_makes(self):
        queues = self.role("queues-only", policy(allow("sqs:*")))
        self.assertEqual(self.deploy(template(Q=QUEUE, T={"Type": "AWS::SNS::Topic"}), RoleARN=queues),
                         "ROLLBACK_COMPLETE")
        self.assertIn("queues-only/AWSCloudFormation is not authorized to perform: sns:CreateTopic on resource: "
                      f"arn:aws:sns:eu-west-1:{self.account}:{self.stack}-T-", self.reasons())
        described = self.cloudformation.describe_stacks(StackName=self.stack)["Stacks"][0]
        self.assertEqual(described["RoleARN"], queues)

    def test_role_without_the_boundary_is_refused(self):
        boundary = self.iam.create_policy(PolicyName="limit", PolicyDocument=policy(allow("*")))["Policy"]["Arn"]
        role = self.role("roles-under-limit", policy(
            allow(["iam:CreateRole", "iam:PutRolePolicy"], Condition={"StringEquals": {"iam:PermissionsBoundary": boundary}}),
            allow(["iam:DeleteRole", "iam:TagRole"])))
        self.assertEqual(self.deploy(template(R=ROLE), RoleARN=role), "ROLLBACK_COMPLETE")
        self.assertIn("is not authorized to perform: iam:CreateRole", self.reasons())
        self.cloudformation.delete_stack(StackName=self.stack)
        self.settled()
        bounded = {**ROLE, "Properties": {**ROLE["Properties"], "PermissionsBoundary": boundary}}
        self.assertEqual(self.deploy(template(R=bounded), name="c2", RoleARN=role), "CREATE_COMPLETE", self.reasons())
        self.assertEqual(self.deploy(template(R=ROLE), "UPDATE", "c3"), "UPDATE_ROLLBACK_COMPLETE")
        self.assertIn("iam:DeleteRolePermissionsBoundary", self.reasons())

    def test_transform_needs_permission(self):
        body = json.dumps({"Transform": "AWS::LanguageExtensions", "Resources": {"Q": QUEUE}})
        refused = self.make(body, RoleARN=self.role("no-transform", policy(allow("sqs:*"))))
        self.assertEqual(refused["Status"], "FAILED")
        self.assertIn("cloudformation:CreateChangeSet on resource: arn:aws:cloudformation:eu-west-1:aws:transform/"
                      "LanguageExtensions", refused["StatusReason"])


if __name__ == "__main__":
    unittest.main()
