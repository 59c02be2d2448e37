use super::*;
use crate::access::{PathState, Verdict};

/// A group with these ingress rules and an egress rule that leads nowhere.
fn group(rules: &str) -> String {
    format!(
        "  Bastion:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      GroupDescription: bastion\n      SecurityGroupEgress: [{{IpProtocol: icmp, FromPort: 252, ToPort: 86, CidrIp: 255.255.255.255/32}}]\n      SecurityGroupIngress: [{rules}]\n"
    )
}

fn ingress(before: &str, after: &str) -> GroupReview {
    let review = change(&group(before), &group(after));
    of(&review, "Bastion").clone()
}

fn verdict(before: &str, after: &str) -> Verdict {
    ingress(before, after).verdict
}

fn tcp(port: &str, peer: &str) -> String {
    format!("{{IpProtocol: tcp, FromPort: {port}, ToPort: {port}, {peer}}}")
}

#[test]
fn the_internet_is_named_with_a_packet() {
    let found = ingress("", &tcp("22", "CidrIp: 0.0.0.0/0"));
    assert_eq!(found.verdict, Verdict::Widened);
    assert_eq!(
        found.gained,
        ["the internet (0.0.0.0/0) can now reach TCP 22 on Bastion"]
    );
    assert!(found.internet);
    let witness = found.witness.unwrap();
    assert_eq!(
        (
            witness.direction.as_str(),
            witness.protocol.as_str(),
            witness.port.as_deref(),
            witness.peer.as_str()
        ),
        ("ingress", "tcp", Some("22"), "1.0.0.0")
    );
    assert_eq!(found.lines.added.len(), 1);
}

#[test]
fn addresses_are_sets() {
    for (before, after, expected) in [
        ("10.0.0.0/8", "10.0.0.0/16", Verdict::Narrowed),
        ("10.0.0.0/16", "10.0.0.0/8", Verdict::Widened),
        ("10.0.0.0/16", "10.1.0.0/16", Verdict::Changed),
        ("10.0.0.7/24", "10.0.0.0/24", Verdict::Equivalent),
    ] {
        let (before, after) = (format!("CidrIp: {before}"), format!("CidrIp: {after}"));
        assert_eq!(
            verdict(&tcp("22", &before), &tcp("22", &after)),
            expected,
            "{before} {after}"
        );
    }
    let halves = [
        tcp("22", "CidrIp: 10.0.0.0/25"),
        tcp("22", "CidrIp: 10.0.0.128/25"),
    ]
    .join(", ");
    assert_eq!(
        verdict(&tcp("22", "CidrIp: 10.0.0.0/24"), &halves),
        Verdict::Equivalent
    );
    let six = [
        tcp("22", "CidrIpv6: '2001:db8::/33'"),
        tcp("22", "CidrIpv6: '2001:db8:8000::/33'"),
    ]
    .join(", ");
    assert_eq!(
        verdict(&tcp("22", "CidrIpv6: '2001:db8::/32'"), &six),
        Verdict::Equivalent
    );
    // IPv6 is not IPv4.
    assert_eq!(
        verdict(
            &tcp("22", "CidrIp: 0.0.0.0/0"),
            &tcp("22", "CidrIpv6: '::/0'")
        ),
        Verdict::Changed
    );
}

#[test]
fn ports_and_protocols_are_ranges() {
    let rule = |text: &str| format!("{{{text}, CidrIp: 10.0.0.0/8}}");
    for (before, after, expected) in [
        (
            "IpProtocol: tcp, FromPort: 22, ToPort: 22",
            "IpProtocol: '6', FromPort: '22', ToPort: '22'",
            Verdict::Equivalent,
        ),
        ("IpProtocol: -1", "IpProtocol: all", Verdict::Equivalent),
        (
            "IpProtocol: -1",
            "IpProtocol: tcp, FromPort: 0, ToPort: 65535",
            Verdict::Narrowed,
        ),
        (
            "IpProtocol: tcp, FromPort: -1, ToPort: -1",
            "IpProtocol: tcp, FromPort: 0, ToPort: 65535",
            Verdict::Equivalent,
        ),
        (
            "IpProtocol: tcp, FromPort: 1, ToPort: 9",
            "IpProtocol: tcp, FromPort: 5, ToPort: 12",
            Verdict::Changed,
        ),
        (
            "IpProtocol: icmp, FromPort: 8, ToPort: -1",
            "IpProtocol: icmp, FromPort: 8, ToPort: 0",
            Verdict::Narrowed,
        ),
        (
            "IpProtocol: tcp, FromPort: 53, ToPort: 53",
            "IpProtocol: udp, FromPort: 53, ToPort: 53",
            Verdict::Changed,
        ),
    ] {
        assert_eq!(
            verdict(&rule(before), &rule(after)),
            expected,
            "{before} -> {after}"
        );
    }
    let adjacent = format!(
        "{}, {}",
        rule("IpProtocol: tcp, FromPort: 1, ToPort: 5"),
        rule("IpProtocol: tcp, FromPort: 6, ToPort: 9")
    );
    assert_eq!(
        verdict(&rule("IpProtocol: tcp, FromPort: 1, ToPort: 9"), &adjacent),
        Verdict::Equivalent
    );
}

#[test]
fn the_rest_of_all_traffic_is_told_as_such() {
    let found = ingress(
        "{IpProtocol: tcp, FromPort: 0, ToPort: 65535, CidrIp: 10.0.0.0/8}",
        "{IpProtocol: -1, CidrIp: 10.0.0.0/8}",
    );
    assert_eq!(found.verdict, Verdict::Widened);
    assert_eq!(
        found.gained,
        ["10.0.0.0/8 can now reach all other traffic on Bastion"]
    );
    assert_ne!(found.witness.unwrap().protocol, "tcp");
}

const STANDALONE: &str = "  Rule:\n    Type: AWS::EC2::SecurityGroupIngress\n    Properties: {GroupId: !GetAtt Bastion.GroupId, IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 10.0.0.0/8}\n";

#[test]
fn inline_and_standalone_rules_are_pooled() {
    let inline = group(&tcp("22", "CidrIp: 10.0.0.0/8"));
    let standalone = format!("{}{STANDALONE}", group(""));
    let review = change(&inline, &standalone);
    assert_eq!(review.verdict, Verdict::Equivalent);
    let lines = &of(&review, "Bastion").lines;
    assert_eq!((lines.added.len(), lines.removed.len()), (1, 1));
    assert_eq!(change(&group(""), &standalone).verdict, Verdict::Widened);
}

#[test]
fn a_new_group_widens_and_a_removed_one_narrows() {
    let rules = group(&tcp("22", "CidrIp: 10.0.0.0/8"));
    assert_eq!(change("", &rules).verdict, Verdict::Widened);
    assert_eq!(change(&rules, "").verdict, Verdict::Narrowed);
    assert_eq!(reviewed("", "").verdict, Verdict::Equivalent);
    assert!(change(&rules, &rules).groups.is_empty());
}

fn egress(list: &str, more: &str) -> String {
    let list = match list {
        "absent" => String::new(),
        list => format!("      SecurityGroupEgress: {list}\n"),
    };
    let more = match more {
        "" => String::new(),
        port => format!(
            "  Out:\n    Type: AWS::EC2::SecurityGroupEgress\n    Properties: {{GroupId: !Ref Bastion, IpProtocol: tcp, FromPort: {port}, ToPort: {port}, CidrIp: 10.0.0.0/8}}\n"
        ),
    };
    format!(
        "  Bastion:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      GroupDescription: bastion\n      VpcId: vpc-1\n{list}{more}"
    )
}

#[test]
fn an_absent_egress_list_lets_all_out() {
    let all = "[{IpProtocol: -1, CidrIp: 0.0.0.0/0}, {IpProtocol: -1, CidrIpv6: '::/0'}]";
    let one = "[{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.0.0.0/8}]";
    for (before, after, expected) in [
        ("absent", one, Verdict::Narrowed),
        (one, "absent", Verdict::Widened),
        ("absent", all, Verdict::Equivalent),
        ("absent", "[]", Verdict::Equivalent),
        (all, "absent", Verdict::Equivalent),
    ] {
        let review = change(&egress(before, ""), &egress(after, ""));
        assert_eq!(
            of(&review, "Bastion").verdict,
            expected,
            "{before} -> {after}"
        );
    }
    let review = change(&egress(one, ""), &egress("absent", ""));
    assert!(!of(&review, "Bastion").internet, "egress is no way in");
}

#[test]
fn a_standalone_egress_rule_takes_the_unwritten_one_away_for_good() {
    // Deleting the standalone rule does not bring it back, but nobody can be sure.
    assert_eq!(
        change(&egress("absent", "443"), &egress("absent", "")).verdict,
        Verdict::Widened
    );
    // Untouched egress stays as it is.
    let ingress = format!("{}{STANDALONE}", egress("absent", "443"));
    let review = change(&egress("absent", "443"), &ingress);
    assert_eq!(
        of(&review, "Bastion").gained,
        ["10.0.0.0/8 can now reach TCP 22 on Bastion"]
    );
    // A second rule touches it.
    let two = egress("absent", "443")
        + &egress("absent", "80")
            .split_once("  Out:")
            .map(|(_, out)| format!("  More:{out}"))
            .unwrap();
    assert!(change(&egress("absent", "443"), &two).verdict.may_widen());
    // One beside the list that was absent can only take away.
    assert_eq!(
        change(&egress("absent", ""), &egress("absent", "443")).verdict,
        Verdict::Narrowed
    );
    // Said in the list, it is the same.
    let listed = "[{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.0.0.0/8}]";
    assert_eq!(
        change(&egress("absent", "443"), &egress(listed, "")).verdict,
        Verdict::Equivalent
    );
}

#[test]
fn groups_and_prefix_lists_are_symbols() {
    let peer = |id: &str| tcp("22", &format!("SourceSecurityGroupId: {id}"));
    let twice = format!("{}, {}", peer("sg-1"), peer("sg-1"));
    assert_eq!(verdict(&peer("sg-1"), &twice), Verdict::Equivalent);
    assert_eq!(verdict(&peer("sg-1"), &peer("sg-2")), Verdict::Changed);
    assert_eq!(verdict("", &peer("sg-1")), Verdict::Widened);
    let list = |id: &str| tcp("22", &format!("SourcePrefixListId: {id}"));
    assert_eq!(
        verdict(
            &list("pl-1"),
            &format!("{}, {}", list("pl-1"), list("pl-1"))
        ),
        Verdict::Equivalent
    );
    assert_eq!(verdict("", &list("pl-1")), Verdict::Widened);
    // Nobody knows what is in the list.
    assert_eq!(
        verdict(&list("pl-1"), &tcp("22", "CidrIp: 10.0.0.0/8")),
        Verdict::Undecided
    );
    let all = format!(
        "{}, {}",
        tcp("22", "CidrIp: 0.0.0.0/0"),
        tcp("22", "CidrIpv6: '::/0'")
    );
    assert_eq!(verdict(&all, &peer("sg-1")), Verdict::Narrowed);
    assert_eq!(verdict(&all, &list("pl-1")), Verdict::Narrowed);
}

#[test]
fn a_prefix_list_of_the_template_is_its_entries() {
    let with = |entry: &str| {
        format!(
            "{}  Offices:\n    Type: AWS::EC2::PrefixList\n    Properties: {{AddressFamily: IPv4, MaxEntries: 5, PrefixListName: offices, Entries: [{{Cidr: {entry}}}]}}\n",
            group(&tcp("22", "SourcePrefixListId: !Ref Offices"))
        )
    };
    let review = change(&with("203.0.113.0/28"), &with("203.0.113.0/24"));
    assert_eq!(of(&review, "Bastion").verdict, Verdict::Widened);
    assert_eq!(of(&review, "Offices").verdict, Verdict::Widened);
    let review = change(&with("203.0.113.0/24"), &with("203.0.113.0/28"));
    assert_eq!(review.verdict, Verdict::Narrowed);
}

#[test]
fn members_of_a_group_have_addresses_of_their_vpc() {
    let vpc = "  Vpc:\n    Type: AWS::EC2::VPC\n    Properties: {CidrBlock: 10.0.0.0/16}\n  Web:\n    Type: AWS::EC2::SecurityGroup\n    Properties: {GroupDescription: web, VpcId: !Ref Vpc, SecurityGroupEgress: [{IpProtocol: tcp, FromPort: 1, ToPort: 1, CidrIp: 10.0.0.0/8}]}\n";
    let with = |rules: &str| format!("{vpc}{}", group(rules));
    let by_group = tcp("22", "SourceSecurityGroupId: !GetAtt Web.GroupId");
    let review = change(&with(&tcp("22", "CidrIp: 10.0.0.0/8")), &with(&by_group));
    assert_eq!(review.verdict, Verdict::Narrowed);
    let review = change(&with(&tcp("22", "CidrIp: 10.0.0.0/24")), &with(&by_group));
    assert_eq!(review.verdict, Verdict::Undecided);
}

#[test]
fn what_is_wrong_is_told_with_its_path() {
    for (bad, place) in [
        (
            tcp("22", "CidrIp: 10.0.0.0/33"),
            "Resources.Bastion.Properties.SecurityGroupIngress[0].CidrIp",
        ),
        (
            tcp("22", "CidrIp: nonsense"),
            "SecurityGroupIngress[0].CidrIp",
        ),
        (
            tcp("22", "CidrIp: '::/0'"),
            "SecurityGroupIngress[0].CidrIp",
        ),
        (
            "{IpProtocol: tcp, FromPort: 23, ToPort: 22, CidrIp: 10.0.0.0/8}".to_owned(),
            "SecurityGroupIngress[0].FromPort",
        ),
        (
            "{IpProtocol: tcp, FromPort: x, ToPort: 22, CidrIp: 10.0.0.0/8}".to_owned(),
            "SecurityGroupIngress[0].FromPort",
        ),
        (
            "{IpProtocol: http, CidrIp: 10.0.0.0/8}".to_owned(),
            "SecurityGroupIngress[0].IpProtocol",
        ),
        (
            "{IpProtocol: -1}".to_owned(),
            "SecurityGroupIngress[0]: the rule has no far end",
        ),
        (
            "{CidrIp: 10.0.0.0/8}".to_owned(),
            "SecurityGroupIngress[0]: the rule has no IpProtocol",
        ),
        (
            "{IpProtocol: -1, CidrIp: 10.0.0.0/8, CidrIpv6: '::/0'}".to_owned(),
            "SecurityGroupIngress[0]: the rule states",
        ),
        ("nonsense".to_owned(), "SecurityGroupIngress[0]"),
    ] {
        let found = ingress("", &bad);
        assert_eq!(found.verdict, Verdict::Undecided, "{bad}");
        assert!(
            found.reasons.iter().any(|reason| reason.contains(place)),
            "{bad}: {:?}",
            found.reasons
        );
        // It is no question where nothing of it changes.
        let same = change(&group(&bad), &group(&bad));
        assert_eq!(same.verdict, Verdict::Equivalent, "{bad}");
        assert!(same.groups.is_empty(), "{bad}");
    }
    let orphan = "  Rule:\n    Type: AWS::EC2::SecurityGroupIngress\n    Properties: {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 10.0.0.0/8}\n";
    let review = change("", orphan);
    assert!(of(&review, "Rule").reasons[0].contains("names no group"));
    assert_eq!(review.verdict, Verdict::Undecided);
}

#[test]
fn a_fault_is_told_with_the_group_that_changes() {
    let bad = tcp("22", "CidrIp: 10.0.0.0/40");
    let other = |port: &str| {
        format!(
            "  Other:\n    Type: AWS::EC2::SecurityGroup\n    Properties: {{GroupDescription: other, SecurityGroupIngress: [{}]}}\n",
            tcp(port, "CidrIp: 10.0.0.0/8")
        )
    };
    // Another group changes, and so does what a name means.
    let list = |entry: &str| {
        format!(
            "  List:\n    Type: AWS::EC2::PrefixList\n    Properties: {{AddressFamily: IPv4, MaxEntries: 5, PrefixListName: l, Entries: [{{Cidr: {entry}}}]}}\n"
        )
    };
    let with = |port: &str, entry: &str| group(&bad) + &other(port) + &list(entry);
    for (after, expected) in [
        (with("22", "10.0.0.0/9"), Verdict::Narrowed),
        (with("23", "10.0.0.0/8"), Verdict::Changed),
    ] {
        let review = change(&with("22", "10.0.0.0/8"), &after);
        assert_eq!(review.verdict, expected, "{review:#?}");
        let told = review.groups.iter().any(|group| !group.reasons.is_empty());
        assert!(!told, "{review:#?}");
    }
    let more = format!("{bad}, {}", tcp("443", "CidrIp: 10.0.0.0/8"));
    let changed = ingress(&bad, &more);
    assert_eq!(changed.verdict, Verdict::Undecided);
    let place = "SecurityGroupIngress[0].CidrIp";
    assert!(changed.reasons[0].contains(place), "{changed:#?}");
}

#[test]
fn too_many_rules_end_undecided() {
    let many = |step: usize| {
        (0..900)
            .map(|index| {
                format!(
                    "{{IpProtocol: tcp, FromPort: {}, ToPort: {}, CidrIp: 10.{}.{}.0/25}}",
                    index * 7 + step,
                    index * 7 + 30_000 + step,
                    index / 256,
                    index % 256,
                )
            })
            .collect::<Vec<_>>()
            .join(", ")
    };
    let start = std::time::Instant::now();
    let found = ingress(&many(0), &many(3));
    assert!(found.verdict.may_widen());
    assert!(start.elapsed().as_secs() < 10);
}

#[test]
fn stacks_are_told_apart() {
    let source = |port: &str| template(&group(&tcp(port, "CidrIp: 10.0.0.0/8")));
    let mut before = network(&source("22"));
    before.merge("edge/", network(&source("22")));
    let mut after = network(&source("22"));
    after.merge("edge/", network(&source("23")));
    let review = review(&before, &after);
    assert_eq!(review.groups.len(), 1);
    assert_eq!(review.groups[0].id, "edge/Bastion");
    assert_eq!(review.verdict, Verdict::Changed);
}

#[test]
fn rules_and_paths_are_listed() {
    let before = group(
        &[
            tcp("22", "CidrIp: 10.0.0.0/8"),
            tcp("80", "CidrIp: 10.0.0.0/8"),
        ]
        .join(", "),
    );
    let after = group(
        &[
            tcp("80", "CidrIp: 10.0.0.0/8"),
            tcp("443", "CidrIp: 0.0.0.0/0"),
        ]
        .join(", "),
    );
    let review = change(&before, &after);
    assert_eq!(review.rules.added.len(), 1);
    assert_eq!(review.rules.added[0].ports, "443");
    assert_eq!(review.rules.removed[0].ports, "22");
    let drawn = |state: PathState| -> Vec<(&str, &str, &str)> {
        let of_state = review
            .paths
            .iter()
            .filter(|path| path.state == state && path.to == "Bastion");
        of_state
            .map(|path| (path.from.as_str(), path.to.as_str(), path.traffic.as_str()))
            .collect()
    };
    assert_eq!(
        drawn(PathState::Gained),
        [("internet", "Bastion", "TCP 443")]
    );
    assert_eq!(
        drawn(PathState::Lost),
        [("10.0.0.0/8", "Bastion", "TCP 22")]
    );
    assert_eq!(
        drawn(PathState::Kept),
        [("10.0.0.0/8", "Bastion", "TCP 80")]
    );
}
