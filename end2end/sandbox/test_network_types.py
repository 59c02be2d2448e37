"""The types that are registered for networks, databases and scaling: identifiers, replacements, and what AWS refuses."""

import json
import unittest

import stack_case
from stack_case import template

VPC = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.9.0.0/16"}}


def subnet(block: str, **more) -> dict:
    return {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": block, **more}}


def firewall(name: str, **more) -> dict:
    """A firewall with its policy, and all that they need."""
    return {
        "Vpc": VPC, "Inner": subnet("10.9.1.0/24"),
        "Policy": {"Type": "AWS::NetworkFirewall::FirewallPolicy", "Properties": {
            "FirewallPolicyName": name, "FirewallPolicy": {
                "StatelessDefaultActions": ["aws:forward_to_sfe"], "StatelessFragmentDefaultActions": ["aws:forward_to_sfe"]}}},
        "Firewall": {"Type": "AWS::NetworkFirewall::Firewall", "Properties": {
            "FirewallName": name, "FirewallPolicyArn": {"Ref": "Policy"}, "VpcId": {"Ref": "Vpc"},
            "SubnetMappings": [{"SubnetId": {"Ref": "Inner"}}], **more}}}


class NetworkTypes(stack_case.StackCase):
    account = "676767676767"

    def outputs(self) -> dict[str, str]:
        stack = self.cloudformation.describe_stacks(StackName=self.stack)["Stacks"][0]
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

    def with_outputs(self, resources: dict, **outputs) -> str:
        return template(**resources)[:-1] + ', "Outputs": ' + json.dumps(
            {name: {"Value": value} for name, value in outputs.items()}) + "}"

    def fails(self, reason: str, **resources):
        self.assertEqual(self.deploy(template(**resources)), "ROLLBACK_COMPLETE")
        self.assertIn(reason, self.reasons())

    def test_gives_back_identifiers_and_attributes(self):
        resources = {**firewall(self.stack), "Address": {"Type": "AWS::EC2::EIP", "Properties": {"Domain": "vpc"}},
                     "Nat": {"Type": "AWS::EC2::NatGateway", "Properties": {
                         "SubnetId": {"Ref": "Inner"}, "AllocationId": {"Fn::GetAtt": ["Address", "AllocationId"]}}}}
        body = self.with_outputs(
            resources, Firewall={"Ref": "Firewall"}, Nat={"Ref": "Nat"}, Address={"Ref": "Address"},
            Endpoint={"Fn::Select": ["1", {"Fn::Split": [":", {"Fn::Select": ["0", {"Fn::GetAtt": ["Firewall", "EndpointIds"]}]}]}]})
        self.assertEqual(self.deploy(body), "CREATE_COMPLETE", self.reasons())
        outputs = self.outputs()
        self.assertRegex(outputs["Firewall"], r"arn:aws:network-firewall:eu-west-1:676767676767:firewall/t-test-.*")
        self.assertRegex(outputs["Endpoint"], r"vpce-[0-9a-f]{17}")
        self.assertRegex(outputs["Nat"], r"nat-[0-9a-f]{17}")
        self.assertRegex(outputs["Address"], r"52(\.\d+){3}")
        self.cloudformation.delete_stack(StackName=self.stack)
        self.assertEqual(self.settled(), "DELETE_COMPLETE")

    def test_a_firewall_under_protection_stays(self):
        self.assertEqual(self.deploy(template(**firewall(self.stack, DeleteProtection=True))), "CREATE_COMPLETE", self.reasons())
        self.cloudformation.delete_stack(StackName=self.stack)
        self.assertEqual(self.settled(), "DELETE_FAILED")
        self.assertIn("delete protection is enabled", self.reasons())

    def test_what_is_made_outlives_a_restart(self):
        self.assertEqual(self.deploy(template(**firewall(self.stack))), "CREATE_COMPLETE", self.reasons())
        first, self.stack = self.stack, self.stack + "-2"
        self.sandbox.restart()
        self.fails(f"firewall-policy/{first} already exists", **firewall(first))
        self.cloudformation.delete_stack(StackName=first)
        self.assertEqual(self.sandbox.settled(self.cloudformation, first), "DELETE_COMPLETE")

    def test_what_is_fixed_replaces(self):
        self.assertEqual(self.deploy(template(**firewall(self.stack))), "CREATE_COMPLETE", self.reasons())
        described = self.make(template(**firewall(self.stack, FirewallName="other")), "UPDATE", "c2")
        changes = {c["ResourceChange"]["LogicalResourceId"]: c["ResourceChange"] for c in described["Changes"]}
        self.assertEqual(changes["Firewall"]["Replacement"], "True")
        described = self.make(template(**firewall(self.stack, Description="in place")), "UPDATE", "c3")
        changes = {c["ResourceChange"]["LogicalResourceId"]: c["ResourceChange"] for c in described["Changes"]}
        self.assertEqual(changes["Firewall"]["Replacement"], "False")

    def test_unknown_properties_fail(self):
        self.fails("extraneous key [Domian]", Address={"Type": "AWS::EC2::EIP", "Properties": {"Domian": "vpc"}})

    def test_missing_properties_fail(self):
        self.fails("required key [Capacity]", Vpc=VPC, Group={
            "Type": "AWS::NetworkFirewall::RuleGroup", "Properties": {"RuleGroupName": "g", "Type": "STATEFUL"}})

    def test_dangling_references_fail(self):
        self.fails("The subnet ID 'subnet-00000000000000000' does not exist", Nat={
            "Type": "AWS::EC2::NatGateway", "Properties": {"SubnetId": "subnet-00000000000000000", "ConnectivityType": "private"}})

    def test_a_policy_needs_its_rule_groups(self):
        missing = "arn:aws:network-firewall:eu-west-1:676767676767:stateful-rulegroup/none"
        self.fails("Unable to find the rule group", Policy={"Type": "AWS::NetworkFirewall::FirewallPolicy", "Properties": {
            "FirewallPolicyName": "lonely", "FirewallPolicy": {
                "StatelessDefaultActions": ["aws:drop"], "StatelessFragmentDefaultActions": ["aws:drop"],
                "StatefulRuleGroupReferences": [{"ResourceArn": missing}]}}})

    def test_subnets_do_not_overlap(self):
        self.fails("conflicts with another subnet", Vpc=VPC, One=subnet("10.9.1.0/24"),
                   Two={**subnet("10.9.1.128/25"), "DependsOn": "One"})

    def test_a_service_must_be_there_to_be_scaled(self):
        self.fails("ECS service doesn't exist", Target={"Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": {
            "ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount", "ResourceId": "service/none/none",
            "MinCapacity": 1, "MaxCapacity": 2}})

    def test_rds_manages_a_password_or_takes_one(self):
        self.fails("can't specify MasterUserPassword", Database={"Type": "AWS::RDS::DBInstance", "Properties": {
            "Engine": "postgres", "DBInstanceClass": "db.t4g.micro", "AllocatedStorage": "20", "MasterUsername": "owner",
            "ManageMasterUserPassword": True, "MasterUserPassword": "two-are-too-many"}})


if __name__ == "__main__":
    unittest.main()
