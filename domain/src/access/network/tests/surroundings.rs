//! Network ACLs, routes, memberships, public ends and firewalls.
use super::*;
use crate::access::Verdict;

fn acl(entries: &[&str]) -> String {
    let mut text =
        "  Acl:\n    Type: AWS::EC2::NetworkAcl\n    Properties: {VpcId: vpc-1}\n".to_owned();
    for (index, entry) in entries.iter().enumerate() {
        text.push_str(&format!(
            "  Entry{index}:\n    Type: AWS::EC2::NetworkAclEntry\n    Properties: {{NetworkAclId: !Ref Acl, {entry}}}\n"
        ));
    }
    text
}

const ALLOW_22: &str = "RuleNumber: 100, Protocol: 6, RuleAction: allow, CidrBlock: 0.0.0.0/0, PortRange: {From: 22, To: 22}";
const ALLOW_ALL: &str = "RuleNumber: 100, Protocol: -1, RuleAction: allow, CidrBlock: 0.0.0.0/0";
const DENY_TEN_FIRST: &str =
    "RuleNumber: 50, Protocol: -1, RuleAction: deny, CidrBlock: 10.0.0.0/8";
const DENY_TEN_LAST: &str =
    "RuleNumber: 150, Protocol: -1, RuleAction: deny, CidrBlock: 10.0.0.0/8";

#[test]
fn acl_entries_count_in_order() {
    for (before, after, expected) in [
        (vec![ALLOW_22], vec![ALLOW_ALL], Verdict::Widened),
        (
            vec![ALLOW_ALL],
            vec![ALLOW_ALL, DENY_TEN_LAST],
            Verdict::Equivalent,
        ),
        (
            vec![ALLOW_ALL],
            vec![ALLOW_ALL, DENY_TEN_FIRST],
            Verdict::Narrowed,
        ),
        (
            vec![ALLOW_ALL, DENY_TEN_FIRST],
            vec![ALLOW_ALL, DENY_TEN_LAST],
            Verdict::Widened,
        ),
        (vec![], vec![DENY_TEN_FIRST], Verdict::Equivalent),
    ] {
        let review = change(&acl(&before), &acl(&after));
        assert_eq!(
            of(&review, "Acl").verdict,
            expected,
            "{before:?} -> {after:?}"
        );
    }
    let review = change(&acl(&[]), &acl(&[ALLOW_22]));
    let found = of(&review, "Acl");
    assert_eq!(
        found.gained,
        ["the internet (0.0.0.0/0) can now reach TCP 22 on Acl"]
    );
    assert!(found.internet);
    assert_eq!(review.rules.added[0].effect, "allow");
}

#[test]
fn wrong_acl_entries_are_told() {
    for bad in [
        "RuleNumber: 100, Protocol: 6, RuleAction: permit, CidrBlock: 0.0.0.0/0",
        "RuleNumber: 100, Protocol: 6, RuleAction: allow, CidrBlock: 0.0.0.0/40",
        "RuleNumber: 100, Protocol: 6, RuleAction: allow, CidrBlock: 0.0.0.0/0, PortRange: {From: 9, To: 1}",
        "RuleNumber: 100, Protocol: 600, RuleAction: allow, CidrBlock: 0.0.0.0/0",
    ] {
        let review = change(&acl(&[]), &acl(&[bad]));
        let found = of(&review, "Acl");
        assert_eq!(found.verdict, Verdict::Undecided, "{bad}");
        assert!(
            found.reasons[0].contains("Resources.Entry0.Properties"),
            "{:?}",
            found.reasons
        );
    }
}

const VPC: &str = "  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}\n  Internet: {Type: AWS::EC2::InternetGateway}\n  Nat: {Type: AWS::EC2::NatGateway, Properties: {SubnetId: subnet-1, AllocationId: eip-1}}\n  Public: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}\n  Private: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}\n  ToInternet: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref Public, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Internet}}\n  SubnetA: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24}}\n  SubnetB: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.2.0/24}}\n  SubnetC: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.3.0/24}}\n  PublicA: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref SubnetA, RouteTableId: !Ref Public}}\n  PrivateB: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref SubnetB, RouteTableId: !Ref Private}}\n  PrivateC: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref SubnetC, RouteTableId: !Ref Private}}\n";

fn in_vpc(more: &str) -> String {
    format!("{VPC}{more}")
}

fn route(target: &str, destination: &str) -> String {
    in_vpc(&format!(
        "  Way: {{Type: AWS::EC2::Route, Properties: {{RouteTableId: !Ref Private, DestinationCidrBlock: {destination}, {target}}}}}\n"
    ))
}

#[test]
fn routes_to_gateways_count() {
    let review = change(VPC, &route("GatewayId: !Ref Internet", "0.0.0.0/0"));
    let found = of(&review, "Private");
    assert_eq!(found.verdict, Verdict::Widened);
    assert!(found.internet);
    assert_eq!(
        found.gained,
        ["Private can now send to the internet (0.0.0.0/0) through internet gateway Internet"]
    );
    let nat = route("NatGatewayId: !Ref Nat", "0.0.0.0/0");
    let review = change(&nat, &route("GatewayId: !Ref Internet", "0.0.0.0/0"));
    assert_eq!(of(&review, "Private").verdict, Verdict::Changed);
    assert!(!of(&change(VPC, &nat), "Private").internet);
    let review = change(&nat, &route("NatGatewayId: !Ref Nat", "10.9.0.0/16"));
    assert_eq!(of(&review, "Private").verdict, Verdict::Narrowed);
}

#[test]
fn a_subnet_that_gets_another_table_is_a_subject() {
    let other = VPC.replace(
        "SubnetId: !Ref SubnetB, RouteTableId: !Ref Private",
        "SubnetId: !Ref SubnetB, RouteTableId: !Ref Public",
    );
    let review = change(VPC, &other);
    let found = of(&review, "SubnetB");
    assert_eq!(found.verdict, Verdict::Widened);
    assert!(found.internet);
    assert_eq!(
        of(&change(&other, VPC), "SubnetB").verdict,
        Verdict::Narrowed
    );
}

fn instance(subnet: &str, groups: &str) -> String {
    in_vpc(&format!(
        "  Web: {{Type: AWS::EC2::SecurityGroup, Properties: {{GroupDescription: web, VpcId: !Ref Vpc, SecurityGroupEgress: [{{IpProtocol: tcp, FromPort: 1, ToPort: 1, CidrIp: 10.0.0.0/8}}], SecurityGroupIngress: [{{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0}}]}}}}\n  App: {{Type: AWS::EC2::SecurityGroup, Properties: {{GroupDescription: app, VpcId: !Ref Vpc, SecurityGroupEgress: [{{IpProtocol: tcp, FromPort: 1, ToPort: 1, CidrIp: 10.0.0.0/8}}], SecurityGroupIngress: [{{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.0.0.0/8}}]}}}}\n  Db: {{Type: AWS::EC2::SecurityGroup, Properties: {{GroupDescription: db, VpcId: !Ref Vpc, SecurityGroupEgress: [{{IpProtocol: tcp, FromPort: 1, ToPort: 1, CidrIp: 10.0.0.0/8}}], SecurityGroupIngress: [{{IpProtocol: tcp, FromPort: 5432, ToPort: 5432, SourceSecurityGroupId: !GetAtt App.GroupId}}]}}}}\n  Server: {{Type: AWS::EC2::Instance, Properties: {{ImageId: ami-1, SubnetId: {subnet}, SecurityGroupIds: [{groups}]}}}}\n"
    ))
}

#[test]
fn a_resource_that_changes_its_groups_is_a_subject() {
    let review = change(
        &instance("!Ref SubnetB", "!Ref Web"),
        &instance("!Ref SubnetB", "!Ref Web, !Ref App"),
    );
    let found = of(&review, "Server");
    assert_eq!(found.verdict, Verdict::Widened);
    assert_eq!(found.gained, ["Server can now reach Db on TCP 5432"]);
    assert_eq!(review.groups.len(), 1);
    let review = change(
        &instance("!Ref SubnetB", "!Ref App"),
        &instance("!Ref SubnetB", "!Ref Web"),
    );
    let found = of(&review, "Server");
    assert_eq!(found.verdict, Verdict::Changed);
    assert!(found.internet);
    let review = change(
        &instance("!Ref SubnetB", "!GetAtt Web.GroupId, !Ref App"),
        &instance("!Ref SubnetB", "!Ref App, !Ref Web"),
    );
    assert_eq!(review.verdict, Verdict::Equivalent);
    let review = change(
        &instance("!Ref SubnetB", "!Ref Web"),
        &instance("!Ref SubnetB", "!Ref Web, sg-9"),
    );
    assert_eq!(of(&review, "Server").verdict, Verdict::Undecided);
    let review = change(
        &instance("!Ref SubnetB", "!Ref Web, sg-9"),
        &instance("!Ref SubnetB", "!Ref Web"),
    );
    assert_eq!(of(&review, "Server").verdict, Verdict::Narrowed);
}

#[test]
fn a_resource_that_changes_its_subnet_is_a_subject() {
    let at = |subnet: &str| instance(subnet, "!Ref Web");
    for (before, after, expected) in [
        ("!Ref SubnetB", "!Ref SubnetA", Verdict::Widened),
        ("!Ref SubnetA", "!Ref SubnetB", Verdict::Narrowed),
        ("!Ref SubnetB", "!Ref SubnetC", Verdict::Equivalent),
        ("!Ref SubnetB", "subnet-9", Verdict::Undecided),
    ] {
        let review = change(&at(before), &at(after));
        assert_eq!(
            of(&review, "Server").verdict,
            expected,
            "{before} -> {after}"
        );
    }
}

#[test]
fn public_ends_are_named() {
    let balancer = |scheme: &str| {
        format!(
            "  Front: {{Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {{Name: front{scheme}}}}}\n"
        )
    };
    let database = |public: &str| {
        format!(
            "  Orders: {{Type: AWS::RDS::DBInstance, Properties: {{DBInstanceClass: db.t3.micro{public}}}}}\n"
        )
    };
    for (before, after, id, expected) in [
        (
            balancer(", Scheme: internal"),
            balancer(", Scheme: internet-facing"),
            "Front",
            Verdict::Widened,
        ),
        (
            balancer(", Scheme: internal"),
            balancer(""),
            "Front",
            Verdict::Widened,
        ),
        (
            balancer(""),
            balancer(", Scheme: internal"),
            "Front",
            Verdict::Narrowed,
        ),
        (
            database(", PubliclyAccessible: false"),
            database(", PubliclyAccessible: true"),
            "Orders",
            Verdict::Widened,
        ),
        (
            database(", PubliclyAccessible: true"),
            database(", PubliclyAccessible: 'false'"),
            "Orders",
            Verdict::Narrowed,
        ),
        (
            database(", PubliclyAccessible: false"),
            database(""),
            "Orders",
            Verdict::Undecided,
        ),
    ] {
        let review = change(&before, &after);
        let found = of(&review, id);
        assert_eq!(found.verdict, expected, "{before} -> {after}");
        assert_eq!(
            found.internet,
            expected != Verdict::Narrowed,
            "{before} -> {after}"
        );
        assert_eq!(found.witness.is_some(), expected == Verdict::Widened);
    }
    assert!(
        change(&balancer(""), &balancer(", Scheme: internet-facing")).verdict
            == Verdict::Equivalent
    );
    let review = change("", &balancer(""));
    assert_eq!(
        of(&review, "Front").gained,
        ["the internet (0.0.0.0/0) can now address Front: its scheme is internet-facing"]
    );
}

fn firewall(rules: &str) -> String {
    let rules = rules.replace('\n', "\\n");
    format!(
        "  Guard: {{Type: AWS::NetworkFirewall::RuleGroup, Properties: {{Capacity: 10, RuleGroupName: guard, Type: STATEFUL, RuleGroup: {{RulesSource: {{RulesString: \"{rules}\"}}}}}}}}\n"
    )
}

#[test]
fn firewall_rules_count() {
    let drop = "drop tcp any any -> any 22";
    let pass = "pass tcp any any -> any 443";
    let both = format!("{pass}\n{drop}");
    for (before, after, expected) in [
        (pass, both.as_str(), Verdict::Narrowed),
        (&both, pass, Verdict::Undecided),
        (&both, drop, Verdict::Narrowed),
        (drop, &both, Verdict::Undecided),
        (
            pass,
            "# said once\npass tcp any any -> any 443",
            Verdict::Equivalent,
        ),
    ] {
        let review = change(&firewall(before), &firewall(after));
        assert_eq!(
            of(&review, "Guard").verdict,
            expected,
            "{before} -> {after}"
        );
    }
    assert_eq!(change(&firewall(drop), "").verdict, Verdict::Undecided);
}

#[test]
fn a_subnet_that_gets_another_acl_is_a_subject() {
    let at = |acl: &str| {
        let association = match acl {
            "" => String::new(),
            acl => format!(
                "  Attached: {{Type: AWS::EC2::SubnetNetworkAclAssociation, Properties: {{SubnetId: !Ref SubnetA, NetworkAclId: {acl}}}}}\n"
            ),
        };
        in_vpc(&format!("{}{association}", self::acl(&[ALLOW_22])))
    };
    for (before, after, expected) in [
        // The default ACL of a VPC lets all through.
        ("", "!Ref Acl", Verdict::Narrowed),
        ("!Ref Acl", "", Verdict::Widened),
        ("!Ref Acl", "acl-9", Verdict::Undecided),
    ] {
        let review = change(&at(before), &at(after));
        assert_eq!(
            of(&review, "SubnetA").verdict,
            expected,
            "{before} -> {after}"
        );
    }
}

#[test]
fn an_acl_made_to_explode_ends_undecided() {
    let entries = |shift: usize| -> String {
        let all: Vec<String> = (0..400)
            .map(|index| {
                let (from, to) = (index * 7 + shift, index * 7 + 30_000 + shift);
                format!("RuleNumber: {index}, Protocol: 6, RuleAction: allow, CidrBlock: 10.{}.{}.0/25, PortRange: {{From: {from}, To: {to}}}", index / 256, index % 256)
            })
            .collect();
        acl(&all.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let start = std::time::Instant::now();
    let review = change(&entries(0), &entries(3));
    assert!(review.verdict.may_widen());
    assert!(start.elapsed().as_secs() < 10);
}

#[test]
fn a_membership_that_only_the_deployment_decides_is_undecided() {
    let source = |groups: &str| {
        let resources = template(&instance("!Ref SubnetB", groups));
        format!(
            "Parameters: {{Stage: {{Type: 'AWS::SSM::Parameter::Value<String>', Default: /stage}}}}\nConditions: {{Prod: !Equals [!Ref Stage, prod]}}\n{resources}"
        )
    };
    let review = reviewed(
        &source("!Ref App"),
        &source("!Ref App, !If [Prod, !Ref Web, !Ref 'AWS::NoValue']"),
    );
    let found = of(&review, "Server");
    assert_eq!(found.verdict, Verdict::Undecided);
    assert!(
        found.reasons.iter().any(|reason| reason.contains("Prod")),
        "{:?}",
        found.reasons
    );
    assert!(found.internet);
    let review = reviewed(
        &source("!Ref App, !If [Prod, !Ref Web, !Ref Db]"),
        &source("!Ref App, !If [Prod, !Ref Web, !Ref App]"),
    );
    assert_eq!(of(&review, "Server").verdict, Verdict::Narrowed);
}
