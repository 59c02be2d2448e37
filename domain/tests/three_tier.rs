//! What the blueprint `three-tier` promises of its network, asked of the access engine at every stage it is offered at.
#![cfg(feature = "template")]
#![allow(clippy::unwrap_used)]

use domain::access::{Access, AccessReview, GroupReview, Verdict, review};
use domain::blueprint::{Derived, Manifest, check_values, defaults, parse_manifest};
use domain::stage::Stage;
use domain::template::{Context, Resolved, Template, parse, resolve, tell_apart};
use std::collections::{BTreeMap, BTreeSet};

const MANIFEST: &str = include_str!("../../blueprints/three-tier/manifest.toml");
const TEMPLATE: &str = include_str!("../../blueprints/three-tier/template.yaml");

const BOUNDARY: &str = "arn:aws:iam::111111111111:policy/boundary";

type Values = BTreeMap<String, String>;

fn manifest() -> Manifest {
    parse_manifest("manifest.toml", MANIFEST).unwrap()
}

/// What a team gets at a stage that gives only what has no default.
fn values(manifest: &Manifest, stage: Stage) -> Values {
    let mut values = defaults(manifest, stage);
    for (name, value) in [
        ("DomainName", "shop.example.com"),
        ("HostedZoneId", "Z0000000000000000001"),
        ("HomeVersion", "1.0.0"),
        ("CheckoutVersion", "1.0.0"),
        ("PaymentsHost", "api.payments.example.com"),
        ("ShippingHost", "api.carrier.example.com"),
    ] {
        values.insert(name.to_owned(), value.to_owned());
    }
    values
}

fn derived(what: Derived, stage: Stage) -> String {
    match what {
        Derived::Stage => stage.to_string(),
        Derived::PermissionsBoundary => BOUNDARY.to_owned(),
        _ => "shop".to_owned(),
    }
}

/// A template with the values of an environment.
struct Rendered {
    template: Template,
    context: Context,
    resolved: Resolved,
}

fn render(source: &str, values: &Values, stage: Stage) -> Rendered {
    let mut context = Context::new("111111111111", "eu-central-1", "gatehouse-shop");
    context.parameters = values.clone();
    for (name, what) in manifest().derived {
        context.parameters.insert(name, derived(what, stage));
    }
    let template = parse("template.yaml", source).unwrap();
    let resolved = resolve(&template, &context).unwrap();
    Rendered {
        template,
        context,
        resolved,
    }
}

/// All that the environment opens, against there being none.
fn opened(rendered: &Rendered) -> AccessReview {
    review(&Access::default(), &Access::read(&rendered.resolved))
}

fn change(before: &Rendered, mut after: Rendered) -> AccessReview {
    tell_apart(
        (&before.template, &before.context, &before.resolved),
        (&after.template, &after.context, &mut after.resolved),
    );
    review(
        &Access::read(&before.resolved),
        &Access::read(&after.resolved),
    )
}

/// Every stage with both protocols of the containers.
fn each(check: impl Fn(Stage, u16, &Rendered)) {
    let manifest = manifest();
    for stage in &manifest.stages {
        for (protocol, port) in [("HTTPS", 443), ("HTTP", 80)] {
            let mut values = values(&manifest, *stage);
            values.insert("FrontendProtocol".to_owned(), protocol.to_owned());
            check(*stage, port, &render(TEMPLATE, &values, *stage));
        }
    }
}

/// From, to and traffic of every path.
fn paths(review: &AccessReview) -> BTreeSet<(String, String, String)> {
    review
        .network
        .paths
        .iter()
        // A group without outbound rules lets everything out; this address is nowhere.
        .filter(|path| path.to != "127.0.0.1/32")
        .map(|path| (path.from.clone(), path.to.clone(), path.traffic.clone()))
        .collect()
}

/// Logical ids of the resources that stand in a security group.
fn members(rendered: &Rendered, group: &str) -> Vec<String> {
    let id = format!("\"${{{group}.GroupId}}\"");
    rendered
        .resolved
        .resources
        .iter()
        .filter(|(_, resource)| !resource.kind.starts_with("AWS::EC2::SecurityGroup"))
        .filter(|(_, resource)| {
            resource
                .properties
                .iter()
                .any(|(_, value)| value.to_json().to_string().contains(&id))
        })
        .map(|(name, _)| name.to_owned())
        .collect()
}

#[test]
fn defaults_and_what_is_required_do_at_every_stage() {
    let manifest = manifest();
    for stage in &manifest.stages {
        assert_eq!(
            check_values(&manifest, *stage, &values(&manifest, *stage)),
            []
        );
        let missing = check_values(&manifest, *stage, &defaults(&manifest, *stage));
        let fields: Vec<_> = missing
            .iter()
            .map(|problem| problem.field.as_str())
            .collect();
        assert_eq!(
            fields,
            [
                "CheckoutVersion",
                "DomainName",
                "HomeVersion",
                "HostedZoneId",
                "PaymentsHost",
                "ShippingHost"
            ]
        );
    }
}

#[test]
fn nothing_is_open_but_what_is_listed() {
    each(|stage, port, rendered| {
        let review = opened(rendered);
        let to_frontends = format!("TCP {port}");
        let wanted = [
            ("internet", "LoadBalancerGroup", "TCP 80"),
            ("internet", "LoadBalancerGroup", "TCP 443"),
            ("LoadBalancerGroup", "HomeGroup", &to_frontends),
            ("LoadBalancerGroup", "CheckoutGroup", &to_frontends),
            ("HomeGroup", "EndpointGroup", "TCP 443"),
            ("CheckoutGroup", "EndpointGroup", "TCP 443"),
            ("PaymentsGroup", "EndpointGroup", "TCP 443"),
            ("ShippingGroup", "EndpointGroup", "TCP 443"),
            ("HomeGroup", "internet", "TCP 443"),
            ("CheckoutGroup", "internet", "TCP 443"),
            ("PaymentsGroup", "internet", "TCP 443"),
            ("ShippingGroup", "internet", "TCP 443"),
            ("ProductsGroup", "ProxyGroup", "TCP 5432"),
            ("ProxyGroup", "DatabaseGroup", "TCP 5432"),
        ];
        let wanted: BTreeSet<_> = wanted
            .map(|(from, to, traffic)| (from.to_owned(), to.to_owned(), traffic.to_owned()))
            .into();
        assert_eq!(paths(&review), wanted, "{stage}");
        assert!(
            review
                .network
                .groups
                .iter()
                .all(|group| group.reasons.is_empty()
                    && group.new_access.is_some()
                    && group.verdict != Verdict::Undecided),
            "{stage}: {:#?}",
            review.network.groups
        );
    });
}

#[test]
fn only_products_reaches_the_database() {
    each(|stage, _, rendered| {
        let review = opened(rendered);
        let into = |group: &str| -> Vec<(String, String)> {
            paths(&review)
                .into_iter()
                .filter(|(_, to, _)| to == group)
                .map(|(from, _, traffic)| (from, traffic))
                .collect()
        };
        let one = |from: &str| vec![(from.to_owned(), "TCP 5432".to_owned())];
        assert_eq!(into("DatabaseGroup"), one("ProxyGroup"), "{stage}");
        assert_eq!(into("ProxyGroup"), one("ProductsGroup"), "{stage}");
        assert_eq!(into("ProductsGroup"), [], "{stage}");
        for (group, member) in [
            ("ProductsGroup", "Products"),
            ("ProxyGroup", "DatabaseProxy"),
            ("DatabaseGroup", "Database"),
        ] {
            assert_eq!(members(rendered, group), [member], "{stage}");
        }
        // The network ACL lets in nothing but the tiers' own addresses, and on 5432 only backend and database.
        let acl = group(&review, "DatabaseAcl");
        assert!(!acl.internet, "{stage}");
        assert!(
            acl.gained
                .iter()
                .all(|line| line.contains("10.40.4.0/2") || line.contains("10.40.6.0/23")),
            "{stage}: {:?}",
            acl.gained
        );
    });
}

#[test]
fn nothing_from_outside_reaches_an_internal_subnet() {
    each(|stage, _, rendered| {
        let review = opened(rendered);
        let outside: Vec<_> = review
            .network
            .groups
            .iter()
            .filter(|group| group.internet)
            .map(|group| group.id.as_str())
            .collect();
        let wanted = [
            "InternetAttachment",
            "LoadBalancer",
            "LoadBalancerGroup",
            "PublicRoutesA",
            "PublicRoutesB",
        ];
        assert_eq!(outside, wanted, "{stage}");
        let from_outside: BTreeSet<_> = paths(&review)
            .into_iter()
            .filter(|(from, ..)| !from.ends_with("Group"))
            .map(|(_, to, traffic)| (to, traffic))
            .collect();
        let wanted = ["TCP 443", "TCP 80"]
            .map(|traffic| ("LoadBalancerGroup".to_owned(), traffic.to_owned()));
        assert_eq!(from_outside, wanted.into(), "{stage}");
        for tier in ["Frontend", "Database", "Endpoint"] {
            for zone in ["A", "B"] {
                let routes = group(&review, &format!("{tier}Routes{zone}"));
                assert_eq!(routes.gained, [] as [&str; 0], "{stage}");
            }
        }
        for zone in ["A", "B"] {
            let routes = group(&review, &format!("BackendRoutes{zone}"));
            assert!(
                routes.gained[0].contains("EgressFirewall"),
                "{stage}: {:?}",
                routes.gained
            );
        }
    });
}

#[test]
fn frontends_accept_80_and_443_alone() {
    each(|stage, port, rendered| {
        let review = opened(rendered);
        for frontend in ["Home", "Checkout"] {
            let name = format!("{frontend}Group");
            let into: Vec<_> = paths(&review)
                .into_iter()
                .filter(|(_, to, _)| *to == name)
                .collect();
            let wanted = ("LoadBalancerGroup".to_owned(), name, format!("TCP {port}"));
            assert_eq!(into, [wanted], "{stage}");
        }
        assert_eq!(
            members(rendered, "LoadBalancerGroup"),
            ["LoadBalancer"],
            "{stage}"
        );
    });
}

#[track_caller]
fn group<'r>(review: &'r AccessReview, id: &str) -> &'r GroupReview {
    review
        .network
        .groups
        .iter()
        .find(|group| group.id == id)
        .unwrap_or_else(|| panic!("no {id} in {:#?}", review.network.groups))
}

#[test]
fn what_breaks_a_rule_is_seen() {
    let manifest = manifest();
    let stages = [Stage::Dev, Stage::Prod]; // with one of each thing, and with two
    for (name, original, broken, id) in [
        (
            "payments reaches the database too",
            "SecurityGroupIds: [!GetAtt PaymentsGroup.GroupId]}",
            "SecurityGroupIds: [!GetAtt PaymentsGroup.GroupId, !GetAtt ProductsGroup.GroupId]}",
            "Payments",
        ),
        (
            "the database accepts from payments",
            "SourceSecurityGroupId: !GetAtt ProxyGroup.GroupId, Description: Connection pool",
            "SourceSecurityGroupId: !GetAtt PaymentsGroup.GroupId, Description: Connection pool",
            "DatabaseGroup",
        ),
        (
            "the database has a public address",
            "PubliclyAccessible: false",
            "PubliclyAccessible: true",
            "Database",
        ),
        (
            "containers have public addresses",
            "AssignPublicIp: DISABLED",
            "AssignPublicIp: ENABLED",
            "HomeService",
        ),
        (
            "the backend leads to the internet past the firewall",
            "      RouteTableId: !Ref BackendRoutesA\n      DestinationCidrBlock: 0.0.0.0/0\n      VpcEndpointId: !Select [1, !Split [\":\", !Select [0, !GetAtt EgressFirewallA.EndpointIds]]]\n",
            "      RouteTableId: !Ref BackendRoutesA\n      DestinationCidrBlock: 0.0.0.0/0\n      GatewayId: !Ref Internet\n",
            "BackendRoutesA",
        ),
        (
            "home stands open to everyone",
            "      SourceSecurityGroupId: !GetAtt LoadBalancerGroup.GroupId\n",
            "      CidrIp: 0.0.0.0/0\n",
            "HomeGroup",
        ),
        (
            "the load balancer takes another port",
            "{IpProtocol: tcp, FromPort: 80, ToPort: 80, CidrIp: 0.0.0.0/0",
            "{IpProtocol: tcp, FromPort: 80, ToPort: 81, CidrIp: 0.0.0.0/0",
            "LoadBalancerGroup",
        ),
    ] {
        let changed = TEMPLATE.replacen(original, broken, 1);
        assert_ne!(changed, TEMPLATE, "{name}: nothing is changed");
        for stage in stages {
            let values = values(&manifest, stage);
            let review = change(
                &render(TEMPLATE, &values, stage),
                render(&changed, &values, stage),
            );
            let found = group(&review, id);
            assert!(
                matches!(found.verdict, Verdict::Widened | Verdict::Changed),
                "{name} at {stage}: {found:#?}"
            );
        }
    }
}

#[test]
fn every_pair_of_stages_is_decided() {
    let manifest = manifest();
    for from in &manifest.stages {
        for to in &manifest.stages {
            let before = render(TEMPLATE, &values(&manifest, *from), *from);
            let review = change(&before, render(TEMPLATE, &values(&manifest, *to), *to));
            let undecided: Vec<_> = review
                .network
                .groups
                .iter()
                .filter(|group| group.verdict == Verdict::Undecided)
                // A firewall that goes is never decided: what else it kept out stands in no template.
                .filter(|group| group.kind != "AWS::NetworkFirewall::Firewall")
                .map(|group| (&group.id, &group.reasons))
                .collect();
            assert!(undecided.is_empty(), "{from} to {to}: {undecided:#?}");
            let undecided: Vec<_> = review
                .iam
                .subjects
                .iter()
                .filter(|subject| subject.verdict == Verdict::Undecided)
                // The text of the account's boundary is not in the template.
                .filter(|subject| !subject.reasons.iter().all(|why| why.contains(BOUNDARY)))
                .map(|subject| (&subject.id, &subject.reasons))
                .collect();
            assert!(undecided.is_empty(), "{from} to {to}: {undecided:#?}");
        }
    }
}
