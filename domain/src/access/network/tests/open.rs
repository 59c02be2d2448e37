//! What only the deployment knows.
use super::*;
use crate::access::Verdict;

/// A template with a block and a port that only the deployment knows, and conditions on them.
fn open(conditions: &str, resources: &str) -> String {
    format!(
        "Parameters:\n  Block: {{Type: 'AWS::SSM::Parameter::Value<String>', Default: /block}}\n  Other: {{Type: 'AWS::SSM::Parameter::Value<String>', Default: /other}}\nConditions: {{{conditions}}}\n{}",
        template(resources)
    )
}

const IS_WIDE: &str = "Wide: !Equals [!Ref Other, wide]";

fn group(rules: &str) -> String {
    format!(
        "  Web:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      GroupDescription: web\n      SecurityGroupEgress: [{{IpProtocol: tcp, FromPort: 1, ToPort: 1, CidrIp: 10.0.0.0/8}}]\n      SecurityGroupIngress: {rules}\n"
    )
}

fn verdict(before: (&str, &str), after: (&str, &str)) -> GroupReview {
    let review = reviewed(
        &open(before.0, &group(before.1)),
        &open(after.0, &group(after.1)),
    );
    of(&review, "Web").clone()
}

fn rule(cidr: &str) -> String {
    format!("{{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: {cidr}}}")
}

fn plain(before: &str, after: &str) -> Verdict {
    verdict(
        (IS_WIDE, &format!("[{before}]")),
        (IS_WIDE, &format!("[{after}]")),
    )
    .verdict
}

#[test]
fn a_symbol_equals_itself_and_perhaps_anything_else() {
    let (block, other, known) = (rule("!Ref Block"), rule("!Ref Other"), rule("10.0.0.0/8"));
    assert_eq!(
        plain(&block, &format!("{block}, {block}")),
        Verdict::Equivalent
    );
    assert_eq!(plain(&block, &other), Verdict::Undecided);
    assert_eq!(plain(&block, &known), Verdict::Undecided);
    assert_eq!(plain(&known, &block), Verdict::Undecided);
    assert_eq!(
        plain(&format!("{block}, {known}"), &block),
        Verdict::Narrowed
    );
    assert_eq!(plain(&block, &rule("0.0.0.0/0")), Verdict::Undecided);
    assert_eq!(plain(&rule("0.0.0.0/0"), &block), Verdict::Narrowed);
    assert_eq!(plain("", &block), Verdict::Widened);
    assert_eq!(plain(&block, ""), Verdict::Narrowed);
}

#[test]
fn open_ports_equal_themselves() {
    let ports = |port: &str, cidr: &str| {
        format!("{{IpProtocol: tcp, FromPort: {port}, ToPort: {port}, CidrIp: {cidr}}}")
    };
    assert_eq!(
        plain(
            &ports("!Ref Block", "10.0.0.0/8"),
            &ports("!Ref Block", "10.0.0.0/16")
        ),
        Verdict::Narrowed
    );
    assert_eq!(
        plain(
            &ports("!Ref Block", "10.0.0.0/16"),
            &ports("!Ref Block", "10.0.0.0/8")
        ),
        Verdict::Widened
    );
    assert_eq!(
        plain(
            &ports("!Ref Block", "10.0.0.0/8"),
            &ports("!Ref Other", "10.0.0.0/8")
        ),
        Verdict::Undecided
    );
    assert_eq!(
        plain(
            &ports("22", "10.0.0.0/8"),
            &ports("!Ref Other", "10.0.0.0/8")
        ),
        Verdict::Undecided
    );
    let all = "{IpProtocol: tcp, FromPort: 0, ToPort: 65535, CidrIp: 10.0.0.0/8}";
    assert_eq!(
        plain(all, &ports("!Ref Other", "10.0.0.0/8")),
        Verdict::Narrowed
    );
}

#[test]
fn every_way_a_condition_may_go_counts() {
    let choice = |then: &str, otherwise: &str| format!("[!If [Wide, {then}, {otherwise}]]");
    let none = "!Ref 'AWS::NoValue'";
    let (wide, narrow) = (rule("10.0.0.0/8"), rule("10.0.0.0/16"));
    let is = |before: &str, after: &str| verdict((IS_WIDE, before), (IS_WIDE, after));
    // In each way the same, however it is written.
    let swapped = "Wide: !Not [!Equals [wide, !Ref Other]]";
    let found = verdict(
        (IS_WIDE, &choice(&wide, &narrow)),
        (swapped, &choice(&narrow, &wide)),
    );
    assert_eq!(found.verdict, Verdict::Equivalent);
    // In no way wider.
    assert_eq!(
        is(&format!("[{wide}]"), &choice(&wide, &narrow)).verdict,
        Verdict::Narrowed
    );
    // In each way wider.
    assert_eq!(
        is(&choice(none, &narrow), &format!("[{wide}]")).verdict,
        Verdict::Widened
    );
    // Mixed.
    let mixed = is(&format!("[{narrow}]"), &choice(&wide, &narrow));
    assert_eq!(mixed.verdict, Verdict::Undecided);
    assert!(
        mixed.reasons.iter().any(|reason| reason.contains("Wide")),
        "{:?}",
        mixed.reasons
    );
    // Inside a rule.
    let inside = |then: &str, otherwise: &str| {
        format!("[{}]", rule(&format!("!If [Wide, {then}, {otherwise}]")))
    };
    assert_eq!(
        is(
            &inside("10.0.0.0/8", "10.1.0.0/16"),
            &inside("10.0.0.0/9", "10.1.0.0/17")
        )
        .verdict,
        Verdict::Narrowed
    );
    assert_eq!(
        is(
            &inside("10.0.0.0/8", "10.1.0.0/16"),
            &inside("10.0.0.0/9", "10.1.0.0/15")
        )
        .verdict,
        Verdict::Undecided
    );
    // Around the whole list.
    assert_eq!(
        is(
            &format!("!If [Wide, [{wide}], [{narrow}]]"),
            &format!("[{narrow}]")
        )
        .verdict,
        Verdict::Narrowed
    );
}

#[test]
fn a_changed_condition_shows() {
    let choice = format!(
        "[!If [Wide, {}, {}]]",
        rule("10.0.0.0/8"),
        rule("10.0.0.0/16")
    );
    let found = verdict(
        (IS_WIDE, &choice),
        ("Wide: !Not [!Equals [!Ref Other, wide]]", &choice),
    );
    assert_eq!(found.verdict, Verdict::Undecided);
    let found = verdict((IS_WIDE, &choice), ("Wide: !Equals [a, a]", &choice));
    assert!(found.verdict.may_widen());
}

#[test]
fn a_dropped_resource_condition_shows() {
    let with = |condition: &str| {
        format!(
            "{}  Rule:\n    Type: AWS::EC2::SecurityGroupIngress\n{condition}    Properties: {{GroupId: !Ref Web, IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}}\n",
            group("[]")
        )
    };
    let review = reviewed(
        &open(IS_WIDE, &with("    Condition: Wide\n")),
        &open(IS_WIDE, &with("")),
    );
    let web = of(&review, "Web");
    assert_eq!(web.verdict, Verdict::Undecided);
    assert!(web.internet);
    assert!(
        web.reasons.iter().any(|reason| reason.contains("Wide")),
        "{:?}",
        web.reasons
    );
}

#[test]
fn too_many_conditions_end_undecided() {
    let names: Vec<String> = (0..8).map(|index| format!("C{index}")).collect();
    let conditions: Vec<String> = names
        .iter()
        .map(|name| format!("{name}: !Equals [!Ref Other, {name}]"))
        .collect();
    let rules: Vec<String> = names
        .iter()
        .map(|name| format!("!If [{name}, {}, !Ref 'AWS::NoValue']", rule("10.0.0.0/8")))
        .collect();
    let conditions = conditions.join(", ");
    let found = verdict(
        (&conditions, "[]"),
        (&conditions, &format!("[{}]", rules.join(", "))),
    );
    assert_eq!(found.verdict, Verdict::Undecided);
    assert!(found.reasons[0].contains("C0"), "{:?}", found.reasons);
}

#[test]
fn a_rule_list_that_nobody_knows_is_told() {
    let found = verdict((IS_WIDE, "[]"), (IS_WIDE, "!Split [',', !Ref Block]"));
    assert!(found.verdict.may_widen());
}
