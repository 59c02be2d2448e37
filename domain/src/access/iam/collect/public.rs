//! Who may come in without a policy: bucket ACLs and what blocks public access, function URLs, and methods without
//! authorization.
use super::guard::{Guard, items};
use super::names::Names;
use super::{Collected, Piece, Place, anyone, entry};
use crate::template::{Entries, Symbol, Value};

/// A type whose callers may need to prove who they are, or not.
struct Door {
    kind: &'static str,
    /// The property that says how they do.
    property: &'static str,
    /// Its value with which they need not.
    open: &'static str,
    /// Whether its absence means that value.
    by_default: bool,
    /// The property that names what is open, if that is not the resource itself.
    about: Option<&'static str>,
    action: &'static str,
}

const DOORS: [Door; 7] = [
    Door {
        kind: "AWS::Lambda::Url",
        property: "AuthType",
        open: "NONE",
        by_default: false,
        about: Some("TargetFunctionArn"),
        action: "lambda:InvokeFunctionUrl",
    },
    Door {
        kind: "AWS::Lambda::WebFunctionEndpoint",
        property: "AuthType",
        open: "NONE",
        by_default: false,
        about: Some("FunctionName"),
        action: "lambda:InvokeFunctionUrl",
    },
    Door {
        kind: "AWS::ApiGateway::Method",
        property: "AuthorizationType",
        open: "NONE",
        by_default: true,
        about: None,
        action: "execute-api:Invoke",
    },
    Door {
        kind: "AWS::ApiGatewayV2::Route",
        property: "AuthorizationType",
        open: "NONE",
        by_default: true,
        about: None,
        action: "execute-api:Invoke",
    },
    Door {
        kind: "AWS::VpcLattice::Service",
        property: "AuthType",
        open: "NONE",
        by_default: true,
        about: None,
        action: "vpc-lattice-svcs:Invoke",
    },
    Door {
        kind: "AWS::VpcLattice::ServiceNetwork",
        property: "AuthType",
        open: "NONE",
        by_default: true,
        about: None,
        action: "vpc-lattice-svcs:Invoke",
    },
    Door {
        kind: "AWS::Cognito::IdentityPool",
        property: "AllowUnauthenticatedIdentities",
        open: "true",
        by_default: false,
        about: None,
        action: "cognito-identity:GetCredentialsForIdentity",
    },
];

/// The four settings that block public access (S3 User Guide, "Blocking public access to your Amazon S3 storage").
pub(in crate::access::iam) const BLOCKS: [&str; 4] = [
    "BlockPublicAcls",
    "BlockPublicPolicy",
    "IgnorePublicAcls",
    "RestrictPublicBuckets",
];

/// Types that hold those settings.
const BLOCKED: [&str; 6] = [
    "AWS::S3::AccessPoint",
    "AWS::S3::Bucket",
    "AWS::S3::MultiRegionAccessPoint",
    "AWS::S3Express::AccessPoint",
    "AWS::S3ObjectLambda::AccessPoint",
    "AWS::S3Outposts::AccessPoint",
];

/// Canned ACLs that let in more than the owner, with whom and what they let them do (S3 User Guide, "Access control
/// list (ACL) overview").
const CANNED: [(&str, Who, &[&str]); 5] = [
    ("PublicRead", Who::Anyone, READ),
    ("PublicReadWrite", Who::Anyone, READ_WRITE),
    ("AuthenticatedRead", Who::AnyAccount, READ),
    (
        "AwsExecRead",
        Who::Service("ec2.amazonaws.com"),
        &["s3:GetObject"],
    ),
    (
        "LogDeliveryWrite",
        Who::Service("logging.s3.amazonaws.com"),
        LOGS,
    ),
];
const READ: &[&str] = &[
    "s3:ListBucket",
    "s3:ListBucketVersions",
    "s3:ListBucketMultipartUploads",
];
const READ_WRITE: &[&str] = &[
    "s3:ListBucket",
    "s3:ListBucketVersions",
    "s3:ListBucketMultipartUploads",
    "s3:PutObject",
    "s3:DeleteObject",
];
const LOGS: &[&str] = &["s3:PutObject", "s3:GetBucketAcl"];

#[derive(Clone, Copy)]
enum Who {
    Anyone,
    AnyAccount,
    Service(&'static str),
}

/// Adds what the resource opens or blocks; whether its type is one that does.
pub(super) fn read(names: &Names<'_>, at: &Place<'_>, collected: &mut Collected) -> bool {
    let mut known = false;
    if let Some(one) = DOORS.iter().find(|door| door.kind == at.kind) {
        known = true;
        let about = one.about.and_then(|about| at.get(about));
        for piece in door(at, one) {
            collected.add_about(names, at, about, &piece);
        }
    }
    if BLOCKED.contains(&at.kind) {
        known = true;
        for piece in blocks(at) {
            collected.add_about(names, at, None, &piece);
        }
    }
    if at.kind == "AWS::S3::Bucket" {
        for piece in acl(at) {
            collected.add_about(names, at, None, &piece);
        }
    }
    known
}

/// The grant to everyone, for as long as the property leaves it open or does not tell.
fn door(at: &Place<'_>, door: &Door) -> Vec<Piece> {
    let written = at.get(door.property);
    if written.is_none() && !door.by_default {
        return Vec::new();
    }
    let opened = |piece_guard| Piece {
        guard: piece_guard,
        ..at.statement(
            "open to all",
            vec![
                ("Effect", Value::string("Allow")),
                ("Principal", anyone()),
                ("Action", Value::string(door.action)),
                ("Resource", anyone()),
            ],
        )
    };
    if written.is_none() {
        return vec![opened(at.guard.clone())];
    }
    items(written, &at.guard, "")
        .into_iter()
        .filter_map(|choice| match choice.value.scalar_text() {
            Some(found) if found.eq_ignore_ascii_case(door.open) => Some(opened(choice.guard)),
            Some(_) => None,
            // It may be open: a grant that is known by the value alone.
            None => Some(at.named(choice.value.clone(), choice.guard)),
        })
        .collect()
}

/// Each setting that is on forbids the requests that only it stops, and each that is off lets them through. Whether a
/// request is one of them depends on all other policies and ACLs, so they are told by a key of their own: taking a
/// setting away always gains something. Where nothing is written, S3's own default is not known: it depends on the
/// bucket's age.
fn blocks(at: &Place<'_>) -> Vec<Piece> {
    let mut found = Vec::new();
    let written = at.get("PublicAccessBlockConfiguration");
    for choice in items(written, &at.guard, "") {
        let Value::Map(settings) = choice.value else {
            found.push(at.named(choice.value.clone(), choice.guard));
            continue;
        };
        for name in BLOCKS {
            let Some(setting) = settings.get(name) else {
                found.push(block(at, name, false, choice.guard.clone()));
                continue;
            };
            for setting in items(Some(setting), &choice.guard, "") {
                found.push(match setting.value.scalar_text() {
                    Some(flag) => block(at, name, flag.eq_ignore_ascii_case("true"), setting.guard),
                    None => at.named(setting.value.clone(), setting.guard),
                });
            }
        }
    }
    found
}

fn block(at: &Place<'_>, name: &str, on: bool, guard: Guard) -> Piece {
    let (effect, place) = if on {
        ("Deny", "public access block")
    } else {
        ("Allow", "public access block, off")
    };
    let told = entry("Bool", entry(&format!("s3:{name}"), Value::string("true")));
    Piece {
        guard,
        ..at.statement(
            place,
            vec![
                ("Effect", Value::string(effect)),
                ("Principal", anyone()),
                ("Action", Value::string("s3:*")),
                ("Resource", anyone()),
                ("Condition", told),
            ],
        )
    }
}

/// What the bucket's canned ACL grants, unless ACLs are off or public ones are ignored.
fn acl(at: &Place<'_>) -> Vec<Piece> {
    let mut found = Vec::new();
    for ownership in ownerships(at) {
        let Some(guard) = &ownership.guard else {
            continue;
        };
        if ownership.objects {
            found.push(at.named(Value::string("the ACLs of objects"), guard.clone()));
        }
        found.extend(canned(at, guard));
    }
    found
}

/// The grants of the canned ACL, where ACLs count.
fn canned(at: &Place<'_>, guard: &Guard) -> Vec<Piece> {
    let mut found = Vec::new();
    for choice in items(at.get("AccessControl"), guard, "") {
        let Some(name) = choice.value.scalar_text() else {
            found.push(at.named(choice.value.clone(), choice.guard));
            continue;
        };
        let Some((_, who, actions)) = CANNED.iter().find(|(canned, ..)| *canned == name) else {
            continue;
        };
        let mut condition = None;
        let principal = match who {
            Who::Anyone => anyone(),
            // Anonymous callers have no account.
            Who::AnyAccount => {
                condition = Some(entry(
                    "Null",
                    entry("aws:PrincipalAccount", Value::string("false")),
                ));
                anyone()
            }
            Who::Service(name) => entry("Service", Value::string(*name)),
        };
        let public = !matches!(who, Who::Service(_));
        if public && blocks_known(at, "IgnorePublicAcls") {
            continue;
        }
        let actions = actions
            .iter()
            .map(|action| Value::string(*action))
            .collect();
        let bucket = Symbol::attribute(at.id, "Arn");
        let objects = Symbol::Text(vec![
            crate::template::Part::Symbol(bucket.clone()),
            crate::template::Part::Literal("/*".to_owned()),
        ]);
        let mut entries = vec![
            ("Effect", Value::string("Allow")),
            ("Principal", principal),
            ("Action", Value::List(actions)),
            ("Resource", Value::List(vec![bucket.into(), objects.into()])),
        ];
        entries.extend(condition.map(|condition| ("Condition", condition)));
        found.push(Piece {
            guard: choice.guard,
            ..at.statement(&format!("ACL {name}"), entries)
        });
    }
    found
}

/// Whether ACLs count.
struct Ownership {
    /// When they do; `None` for never.
    guard: Option<Guard>,
    /// Whether it is written that objects' own ACLs count too.
    objects: bool,
}

/// The ownership settings that may be (S3 User Guide, "Controlling ownership of objects and disabling ACLs"). Where
/// nothing is written, the canned ACL is taken to count, as it does for older buckets.
fn ownerships(at: &Place<'_>) -> Vec<Ownership> {
    let mut found = Vec::new();
    for controls in items(at.get("OwnershipControls"), &at.guard, "") {
        let Value::Map(controls_map) = controls.value else {
            continue;
        };
        for rule in items(controls_map.get("Rules"), &controls.guard, "") {
            let Value::Map(rule_map) = rule.value else {
                continue;
            };
            for setting in items(rule_map.get("ObjectOwnership"), &rule.guard, "") {
                let off = setting.value.scalar_text() == Some("BucketOwnerEnforced");
                found.push(Ownership {
                    guard: (!off).then_some(setting.guard),
                    objects: !off,
                });
            }
        }
    }
    if found.is_empty() {
        found.push(Ownership {
            guard: Some(at.guard.clone()),
            objects: false,
        });
    }
    found
}

fn blocks_known(at: &Place<'_>, setting: &str) -> bool {
    let settings: Option<&Entries> = match at.get("PublicAccessBlockConfiguration") {
        Some(Value::Map(settings)) => Some(settings),
        _ => None,
    };
    settings
        .and_then(|settings| settings.get(setting))
        .and_then(Value::scalar_text)
        .is_some_and(|flag| flag.eq_ignore_ascii_case("true"))
}
