"""What the sandbox does with stacks, seen through botocore as Gatehouse would.

Run with `python -m unittest discover -s end2end/sandbox` in the environment that has MiniStack.
"""

import json
import unittest

from stack_case import QUEUE, StackCase, template


class StackOperations(StackCase):
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
            "Role": f"arn:aws:iam::{self.account}:role/nobody", "Runtime": "python3.13",
            "Handler": "index.handler", "Code": {"ZipFile": "def handler(e, c): return 1"}}})
        self.assertEqual(self.deploy(body), "ROLLBACK_COMPLETE")
        self.assertIn("The role with name nobody cannot be found", self.reasons())

    def test_template_that_can_not_work_is_refused(self):
        absent = {"Conditions": {"Never": {"Fn::Equals": ["a", "b"]}},
                  "Resources": {"Q": {**QUEUE, "Condition": "Never"}},
                  "Outputs": {"O": {"Value": {"Ref": "Q"}}}}
        for words, body in {
            "Unresolved resource dependencies [Nope] in the Resources block": template(Q={**QUEUE, "DependsOn": "Nope"}),
            "Unresolved resource dependencies [Gone] in the Resources block": template(T={
                "Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Fn::Sub": "x-${Gone}"}}}),
            "Unresolved resource dependencies [Q] in the Outputs block": json.dumps(absent),
            "resource Q does not support attribute type Nope in Fn::GetAtt": template(Q=QUEUE, T={
                "Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Fn::GetAtt": ["Q", "Nope"]}}}),
            "Unresolved condition dependency Nope": template(Q={**QUEUE, "Condition": "Nope"}),
            "Invalid template resource property 'Propertys'": template(Q={**QUEUE, "Propertys": {}}),
            "Circular dependency between resources: [Q, R]": template(
                Q={**QUEUE, "DependsOn": "R"}, R={**QUEUE, "DependsOn": "Q"}),
            "At least one Resources member must be defined": template(),
        }.items():
            with self.subTest(words):
                self.refused("ValidationError", words, self.make, body)

    def test_name_of_nothing_fails_the_resource(self):
        for number, (words, resource) in enumerate({
            "Function not found: nope": {"Type": "AWS::Lambda::Permission", "Properties": {
                "FunctionName": "nope", "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com"}},
            "Invalid API identifier": {"Type": "AWS::ApiGatewayV2::Route", "Properties": {
                "ApiId": "nope", "RouteKey": "GET /x"}},
            "Event bus nope does not exist": {"Type": "AWS::Events::Rule", "Properties": {
                "EventBusName": "nope", "EventPattern": {"source": ["a"]}}},
            "Key 'nope' does not exist": {"Type": "AWS::KMS::Alias", "Properties": {
                "AliasName": "alias/x", "TargetKeyId": "nope"}},
        }.items()):
            with self.subTest(words):
                self.stack = f"t-name-of-nothing-{number}"
                self.assertEqual(self.deploy(template(R=resource)), "ROLLBACK_COMPLETE")
                self.assertIn(words, self.reasons())

    def test_execution_is_asynchronous_and_paced(self):
        self.sandbox.fail(delay_seconds=0.3)
        self.execute(self.make(template(Queue=QUEUE)))
        stack = self.cloudformation.describe_stacks(StackName=self.stack)["Stacks"][0]
        self.assertEqual(stack["StackStatus"], "CREATE_IN_PROGRESS")
        self.assertEqual(self.settled(), "CREATE_COMPLETE")

    def test_asked_for_failure(self):
        self.sandbox.fail(account=self.account, logical_id="Queue", reason="Quota exceeded")
        self.assertEqual(self.deploy(template(Queue=QUEUE)), "ROLLBACK_COMPLETE")
        self.assertIn("Quota exceeded", self.reasons())

    def test_asked_for_failing_delete(self):
        self.assertEqual(self.deploy(template(Queue=QUEUE)), "CREATE_COMPLETE")
        self.sandbox.fail(logical_id="Queue", reason="In use", operation="delete")
        self.cloudformation.delete_stack(StackName=self.stack)
        self.assertEqual(self.settled(), "DELETE_FAILED")
        self.cloudformation.delete_stack(StackName=self.stack, RetainResources=["Queue"])
        self.assertEqual(self.settled(), "DELETE_COMPLETE")

    def test_asked_for_failing_rollback(self):
        bad = {"Type": "AWS::SQS::Queue", "DependsOn": "Queue", "Properties": {}}
        self.assertEqual(self.deploy(template(Queue=QUEUE)), "CREATE_COMPLETE")
        self.sandbox.fail(logical_id="Bad", reason="No")
        self.sandbox.fail(logical_id="Queue", reason="Still no", operation="rollback")
        changed = {**QUEUE, "Properties": {"DelaySeconds": 2}}
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
