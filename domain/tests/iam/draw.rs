//! Policies as people write them, drawn from a seed: the same seed gives the same policies.
use serde_json::{Map, Value, json};

/// Numbers from a seed (Steele, Lea, Flood: "Fast splittable pseudorandom number generators").
pub struct Draw(u64);

impl Draw {
    pub fn new(seed: u64) -> Draw {
        Draw(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From zero, less than `end`; zero when there is nothing to choose from.
    pub fn below(&mut self, end: usize) -> usize {
        let end = end.max(1) as u64;
        (self.next() % end) as usize
    }

    /// Whether it falls within so many of a hundred.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    /// A few of them, at least one, none twice.
    fn some<'a>(&mut self, from: &[&'a str], at_most: usize) -> Vec<&'a str> {
        let mut left = from.to_vec();
        let count = 1 + self.below(at_most.min(from.len()));
        (0..count)
            .map(|_| left.swap_remove(self.below(left.len())))
            .collect()
    }
}

/// What a policy is attached to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Identity,
    Resource,
    Trust,
}

struct Service {
    actions: &'static [&'static str],
    resources: &'static [&'static str],
}

const SERVICES: &[&Service] = &[
    &Service {
        actions: &[
            "s3:GetObject",
            "s3:PutObject",
            "s3:DeleteObject",
            "s3:ListBucket",
            "s3:GetBucketPolicy",
            "s3:PutBucketPolicy",
        ],
        resources: &[
            "arn:aws:s3:::orders",
            "arn:aws:s3:::orders/*",
            "arn:aws:s3:::orders/in/*",
            "arn:aws:s3:::orders/in/2026",
            "arn:aws:s3:::orders-*",
            "arn:aws:s3:::*",
            "arn:aws:s3:::reports/*",
            "arn:aws:s3:::reports/??/a",
            "arn:aws:s3:::home/${aws:username}/*",
        ],
    },
    &Service {
        actions: &[
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
            "dynamodb:Query",
            "dynamodb:Scan",
        ],
        resources: &[
            "arn:aws:dynamodb:eu-central-1:111122223333:table/orders",
            "arn:aws:dynamodb:eu-central-1:111122223333:table/orders*",
            "arn:aws:dynamodb:*:111122223333:table/*",
            "arn:aws:dynamodb:eu-central-1:111122223333:table/orders/index/*",
            "arn:aws:dynamodb:eu-central-1:*:table/carts",
        ],
    },
    &Service {
        actions: &[
            "sqs:SendMessage",
            "sqs:ReceiveMessage",
            "sqs:DeleteMessage",
            "sqs:PurgeQueue",
        ],
        resources: &[
            "arn:aws:sqs:eu-central-1:111122223333:orders",
            "arn:aws:sqs:eu-central-1:111122223333:orders-?",
            "arn:aws:sqs:*:111122223333:orders*",
            "arn:aws:sqs:eu-*:111122223333:*",
            "arn:aws:sqs:eu-central-1:111122223333:${aws:username}-queue",
        ],
    },
    &Service {
        actions: &[
            "iam:PassRole",
            "iam:CreateUser",
            "iam:CreateAccessKey",
            "iam:GetRole",
            "iam:AttachRolePolicy",
        ],
        resources: &[
            "arn:aws:iam::111122223333:role/app",
            "arn:aws:iam::111122223333:role/app-*",
            "arn:aws:iam::111122223333:role/*",
            "arn:aws:iam::*:user/${aws:username}",
            "arn:aws:iam::111122223333:user/david",
        ],
    },
    &Service {
        actions: &[
            "kms:Encrypt",
            "kms:Decrypt",
            "kms:GenerateDataKey",
            "kms:GenerateDataKeyWithoutPlaintext",
            "kms:CreateGrant",
        ],
        resources: &[
            "arn:aws:kms:eu-central-1:111122223333:key/*",
            "arn:aws:kms:eu-central-1:111122223333:key/1234abcd",
            "arn:aws:kms:*:111122223333:key/*",
        ],
    },
    &Service {
        actions: &[
            "lambda:InvokeFunction",
            "lambda:UpdateFunctionCode",
            "lambda:GetFunction",
            "lambda:ListFunctions",
        ],
        resources: &[
            "arn:aws:lambda:eu-central-1:111122223333:function:orders",
            "arn:aws:lambda:eu-central-1:111122223333:function:orders:*",
            "arn:aws:lambda:eu-central-1:111122223333:function:*",
        ],
    },
    &Service {
        actions: &[
            "ec2:RunInstances",
            "ec2:DescribeInstances",
            "ec2:DescribeVpcs",
            "ec2:TerminateInstances",
        ],
        resources: &[
            "arn:aws:ec2:eu-central-1:111122223333:instance/*",
            "arn:aws:ec2:*:*:instance/i-0a1b",
            "arn:aws:ec2:*::image/ami-*",
        ],
    },
];

const TRUST_ACTIONS: &[&str] = &[
    "sts:AssumeRole",
    "sts:AssumeRoleWithWebIdentity",
    "sts:AssumeRoleWithSAML",
    "sts:TagSession",
    "sts:SetSourceIdentity",
];

/// What a condition key holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    Text,
    Texts,
    Arn,
    Flag,
    Number,
    Time,
    Address,
    Bytes,
}

pub struct Key {
    pub name: &'static str,
    pub holds: Holds,
    values: &'static [&'static str],
}

pub const KEYS: &[&Key] = &[
    &Key {
        name: "aws:PrincipalOrgID",
        holds: Holds::Text,
        values: &["o-1111111111", "o-2222222222"],
    },
    &Key {
        name: "s3:prefix",
        holds: Holds::Text,
        values: &[
            "",
            "home/",
            "home/*",
            "home/${aws:username}/*",
            "in/2026*",
            "in/*",
        ],
    },
    &Key {
        name: "aws:RequestedRegion",
        holds: Holds::Text,
        values: &["eu-central-1", "eu-west-1", "eu-*", "us-east-1"],
    },
    &Key {
        name: "aws:ResourceTag/team",
        holds: Holds::Text,
        values: &["payments", "checkout", "pay*", "${aws:PrincipalTag/team}"],
    },
    &Key {
        name: "ec2:InstanceType",
        holds: Holds::Text,
        values: &["t2.*", "t3.micro", "t?.*", "m5.large"],
    },
    &Key {
        name: "sts:ExternalId",
        holds: Holds::Text,
        values: &["gatehouse-1", "gatehouse-2"],
    },
    &Key {
        name: "aws:username",
        holds: Holds::Text,
        values: &["david", "eve", "d*"],
    },
    &Key {
        name: "aws:TagKeys",
        holds: Holds::Texts,
        values: &["team", "stage", "cost*", "owner"],
    },
    &Key {
        name: "dynamodb:Attributes",
        holds: Holds::Texts,
        values: &["PostDateTime", "Message", "Tags", "M*"],
    },
    &Key {
        name: "aws:CalledVia",
        holds: Holds::Texts,
        values: &["cloudformation.amazonaws.com", "athena.amazonaws.com"],
    },
    &Key {
        name: "aws:SourceArn",
        holds: Holds::Arn,
        values: &[
            "arn:aws:sns:eu-central-1:111122223333:orders",
            "arn:aws:sns:*:111122223333:*",
            "arn:aws:s3:::orders",
            "arn:aws:s3:*:*:orders*",
            "arn:aws:events:eu-central-1:111122223333:rule/o?ders",
        ],
    },
    &Key {
        name: "aws:PrincipalArn",
        holds: Holds::Arn,
        values: &[
            "arn:aws:iam::111122223333:role/app",
            "arn:aws:iam::111122223333:role/*",
            "arn:aws:iam::*:role/admin",
            "arn:aws:iam::111122223333:user/david",
        ],
    },
    &Key {
        name: "aws:SecureTransport",
        holds: Holds::Flag,
        values: &["true", "false"],
    },
    &Key {
        name: "aws:MultiFactorAuthPresent",
        holds: Holds::Flag,
        values: &["true", "false"],
    },
    &Key {
        name: "s3:max-keys",
        holds: Holds::Number,
        values: &["10", "100", "1000", "10.5"],
    },
    &Key {
        name: "aws:MultiFactorAuthAge",
        holds: Holds::Number,
        values: &["300", "3600", "7200"],
    },
    &Key {
        name: "aws:CurrentTime",
        holds: Holds::Time,
        values: &[
            "2026-01-01T00:00:00Z",
            "2026-07-01T00:00:00Z",
            "2027-01-01T00:00:00Z",
            "2026-12-31",
        ],
    },
    &Key {
        name: "aws:TokenIssueTime",
        holds: Holds::Time,
        values: &["2026-03-01T12:00:00Z", "1772366400"],
    },
    &Key {
        name: "aws:SourceIp",
        holds: Holds::Address,
        values: &[
            "203.0.113.0/24",
            "203.0.113.0/25",
            "203.0.113.128/25",
            "198.51.100.7",
            "198.51.100.0/28",
            "2001:db8::/32",
            "2001:db8:1::/48",
            "0.0.0.0/0",
        ],
    },
    &Key {
        name: "dynamodb:Digest",
        holds: Holds::Bytes,
        values: &["QmluYXJ5", "VmFsdWU="],
    },
];

pub const CALLERS: &[&str] = &[
    "111122223333",
    "arn:aws:iam::111122223333:root",
    "444455556666",
    "arn:aws:iam::444455556666:root",
    "arn:aws:iam::111122223333:role/app",
    "arn:aws:iam::111122223333:role/admin",
    "arn:aws:iam::444455556666:role/deploy",
    "arn:aws:iam::111122223333:user/david",
    "arn:aws:sts::111122223333:assumed-role/app/one",
];
pub const SERVICE_CALLERS: &[&str] = &[
    "lambda.amazonaws.com",
    "ec2.amazonaws.com",
    "sns.amazonaws.com",
    "events.amazonaws.com",
];
pub const PROVIDERS: &[&str] = &[
    "accounts.google.com",
    "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com",
    "arn:aws:iam::111122223333:saml-provider/company",
];
pub const CANONICAL_USERS: &[&str] =
    &["79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"];

/// How many statements there are at most.
pub const MOST_STATEMENTS: usize = 20;

/// A policy of one statement to so many.
pub fn policy(draw: &mut Draw, kind: Kind, most: usize) -> Value {
    let count = 1 + draw.below(most);
    let statements: Vec<Value> = (0..count).map(|_| statement(draw, kind)).collect();
    let version = if draw.chance(97) {
        "2012-10-17"
    } else {
        "2008-10-17"
    };
    json!({"Version": version, "Statement": statements})
}

/// A statement; half of them have more than a plain list of what they allow.
pub fn statement(draw: &mut Draw, kind: Kind) -> Value {
    let special = draw.chance(50);
    let mut parts = Map::new();
    if draw.chance(20) {
        parts.insert(
            "Sid".to_owned(),
            json!(format!("S{}", draw.below(1_000_000))),
        );
    }
    let denies = special && draw.chance(35);
    parts.insert(
        "Effect".to_owned(),
        json!(if denies { "Deny" } else { "Allow" }),
    );
    if kind != Kind::Identity {
        // A trust policy takes no NotPrincipal.
        let opposite = kind == Kind::Resource && denies && draw.chance(20);
        let name = if opposite {
            "NotPrincipal"
        } else {
            "Principal"
        };
        parts.insert(name.to_owned(), principal(draw, kind));
    }
    let service = draw.pick(SERVICES);
    let opposite = special && draw.chance(15);
    let name = if opposite { "NotAction" } else { "Action" };
    parts.insert(name.to_owned(), actions(draw, kind, service));
    if kind != Kind::Trust {
        let opposite = special && draw.chance(15);
        let name = if opposite { "NotResource" } else { "Resource" };
        parts.insert(name.to_owned(), resources(draw, service));
    }
    let plain = !denies
        && ["NotAction", "NotResource", "NotPrincipal"]
            .iter()
            .all(|name| !parts.contains_key(*name));
    if special && (plain || draw.chance(50)) {
        parts.insert("Condition".to_owned(), condition(draw));
    }
    Value::Object(parts)
}

/// One as it is or in a list, several in a list.
fn one_or_many(draw: &mut Draw, values: Vec<String>) -> Value {
    match values.as_slice() {
        [one] if draw.chance(50) => json!(one),
        _ => json!(values),
    }
}

fn actions(draw: &mut Draw, kind: Kind, service: &Service) -> Value {
    let known = if kind == Kind::Trust {
        TRUST_ACTIONS
    } else {
        service.actions
    };
    let mut values = Vec::new();
    for action in draw.some(known, 4) {
        values.push(action_pattern(draw, action));
    }
    if kind != Kind::Trust && draw.chance(15) {
        let other = draw.pick(SERVICES);
        let action = draw.pick(other.actions);
        values.push(action_pattern(draw, action));
    }
    one_or_many(draw, values)
}

/// The action, or a pattern that holds it.
pub fn action_pattern(draw: &mut Draw, action: &str) -> String {
    let (service, name) = action.split_once(':').unwrap_or((action, ""));
    let word = name
        .char_indices()
        .skip(1)
        .find(|(_, letter)| letter.is_ascii_uppercase())
        .map_or(name.len(), |(at, _)| at);
    match draw.below(20) {
        0 => format!("{service}:*"),
        1..=3 => format!("{service}:{}*", &name[..word]),
        4 => format!("{service}:*{}", &name[word..]),
        5 => format!("{service}:?{}", &name[1..]),
        6 => action.to_ascii_lowercase(),
        7 => action.to_ascii_uppercase(),
        8 if draw.chance(40) => "*".to_owned(),
        9 => format!("{service}:*{}*", &name[..1]),
        _ => action.to_owned(),
    }
}

fn resources(draw: &mut Draw, service: &Service) -> Value {
    if draw.chance(20) {
        return json!("*");
    }
    let values = draw.some(service.resources, 3);
    let values = values.into_iter().map(str::to_owned).collect();
    one_or_many(draw, values)
}

/// Some resource of some service.
pub fn resource(draw: &mut Draw) -> &'static str {
    let service = draw.pick(SERVICES);
    draw.pick(service.resources)
}

/// Some action of some service, or of those that take on roles.
pub fn action(draw: &mut Draw, kind: Kind) -> &'static str {
    if kind == Kind::Trust {
        return draw.pick(TRUST_ACTIONS);
    }
    let service = draw.pick(SERVICES);
    draw.pick(service.actions)
}

/// Every action that policies are drawn with.
pub fn actions_known() -> impl Iterator<Item = &'static str> {
    let own = SERVICES.iter().flat_map(|service| service.actions);
    own.chain(TRUST_ACTIONS).copied()
}

/// The key of this name, in any case.
pub fn key(name: &str) -> Option<&'static Key> {
    let named = KEYS.iter().find(|key| key.name.eq_ignore_ascii_case(name));
    named.copied()
}

pub fn principal(draw: &mut Draw, kind: Kind) -> Value {
    let mut kinds = Map::new();
    match draw.below(20) {
        0 | 1 => return json!("*"),
        2 => return json!({"AWS": "*"}),
        3..=12 => {
            let names = draw
                .some(CALLERS, 3)
                .into_iter()
                .map(str::to_owned)
                .collect();
            kinds.insert("AWS".to_owned(), one_or_many(draw, names));
        }
        13 if kind == Kind::Resource => {
            kinds.insert(
                "CanonicalUser".to_owned(),
                json!(draw.pick(CANONICAL_USERS)),
            );
        }
        13 | 14 => {
            kinds.insert("Federated".to_owned(), json!(draw.pick(PROVIDERS)));
        }
        _ => {}
    }
    if kinds.is_empty() || draw.chance(15) {
        let names = draw
            .some(SERVICE_CALLERS, 2)
            .into_iter()
            .map(str::to_owned)
            .collect();
        kinds.insert("Service".to_owned(), one_or_many(draw, names));
    }
    Value::Object(kinds)
}

/// One or two tests.
fn condition(draw: &mut Draw) -> Value {
    let mut operators = Map::new();
    for _ in 0..1 + draw.below(3) / 2 {
        let key = draw.pick(KEYS);
        let (operator, values) = test(draw, key);
        let name = recase(draw, key.name);
        let tests = operators.entry(operator).or_insert_with(|| json!({}));
        if let Some(tests) = tests.as_object_mut() {
            tests.retain(|other, _| !other.eq_ignore_ascii_case(&name));
            tests.insert(name, values);
        }
    }
    Value::Object(operators)
}

/// Keys are the same in any case.
fn recase(draw: &mut Draw, name: &str) -> String {
    if draw.chance(5) {
        name.to_ascii_lowercase()
    } else {
        name.to_owned()
    }
}

/// An operator that suits the key, and values.
pub fn test(draw: &mut Draw, key: &Key) -> (String, Value) {
    if draw.chance(8) {
        return ("Null".to_owned(), json!(draw.pick(&["true", "false"])));
    }
    let operator = operator(draw, key.holds);
    // AWS takes one flag only.
    let most = if key.holds == Holds::Flag { 1 } else { 3 };
    let values = draw.some(key.values, most);
    let values = values.into_iter().map(str::to_owned).collect();
    (operator, one_or_many(draw, values))
}

pub fn operator(draw: &mut Draw, holds: Holds) -> String {
    let operators: &[&str] = match holds {
        Holds::Text | Holds::Texts => &[
            "StringEquals",
            "StringEquals",
            "StringLike",
            "StringLike",
            "StringNotEquals",
            "StringNotLike",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
        ],
        Holds::Arn => &[
            "ArnLike",
            "ArnLike",
            "ArnEquals",
            "ArnNotLike",
            "ArnNotEquals",
            "StringLike",
            "StringEquals",
            "StringNotLike",
        ],
        Holds::Flag => &["Bool"],
        Holds::Number => &[
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
        ],
        Holds::Time => &[
            "DateEquals",
            "DateNotEquals",
            "DateLessThan",
            "DateLessThanEquals",
            "DateGreaterThan",
            "DateGreaterThanEquals",
        ],
        Holds::Address => &["IpAddress", "IpAddress", "NotIpAddress"],
        Holds::Bytes => &["BinaryEquals"],
    };
    let operator = draw.pick(operators);
    // A key with several values takes a set operator; some write one for a key with one value.
    let set = holds == Holds::Texts || (holds == Holds::Text && draw.chance(4));
    let set = match set {
        true => draw.pick(&["ForAllValues:", "ForAnyValue:"]),
        false => "",
    };
    // AWS's words and its doings differ on ForAnyValue with IfExists and an absent key.
    let if_exists = if set != "ForAnyValue:" && draw.chance(15) {
        "IfExists"
    } else {
        ""
    };
    format!("{set}{operator}{if_exists}")
}
