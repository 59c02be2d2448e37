//! Whether policies allow one request, straight from AWS's rules and one request at a time. It
//! shares nothing with the comparison that it checks.
//!
//! IAM User Guide: "Policy evaluation logic", "IAM JSON policy elements" (Action, Resource,
//! Principal, NotPrincipal, Condition operators, Variables), "Single-valued vs. multivalued context
//! keys", "Conditions with multiple context keys or values".
use chrono::DateTime;
use serde_json::Value;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// One call to AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub caller: Caller,
    /// Such as `s3:GetObject`.
    pub action: String,
    /// An ARN.
    pub resource: String,
    /// Condition keys in lower case; a key without values counts as absent.
    pub context: BTreeMap<String, Vec<String>>,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// The identity that holds the policies, which do not name it.
    Holder,
    /// A user, a role, a session of a role, a federated user or an account's root, by its ARN.
    Aws(String),
    /// A service such as `lambda.amazonaws.com`.
    Service(String),
    /// Someone signed in elsewhere, by the identity provider.
    Federated(String),
    /// An account by the canonical id that S3 gives it.
    CanonicalUser(String),
    /// Nobody known.
    Anonymous,
}

/// The policies that bear on a request, by how they are evaluated.
#[derive(Clone, Copy, Debug)]
pub enum Bearing<'a> {
    /// An identity's own policies, cut by a boundary.
    Identity {
        policies: &'a [Value],
        boundary: Option<&'a Value>,
    },
    /// What a resource's policies grant to callers who have nothing else.
    Grant(&'a [Value]),
    /// What a resource's policies leave to callers whose own policies allow everything.
    Limit(&'a [Value]),
}

/// Whether the request is allowed: nothing denies it, and what must allow it does.
pub fn allows(bearing: Bearing, request: &Request) -> bool {
    match bearing {
        Bearing::Identity { policies, boundary } => {
            answer(policies, request) == Answer::Allowed
                && boundary.is_none_or(|boundary| {
                    answer(std::slice::from_ref(boundary), request) == Answer::Allowed
                })
        }
        Bearing::Grant(policies) => answer(policies, request) == Answer::Allowed,
        Bearing::Limit(policies) => answer(policies, request) != Answer::Denied,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Denied,
    Allowed,
    /// No statement applies.
    Silent,
}

fn answer(policies: &[Value], request: &Request) -> Answer {
    let mut answer = Answer::Silent;
    for policy in policies {
        // Before this version variables are plain text.
        let variables = policy["Version"] == "2012-10-17";
        for statement in list(&policy["Statement"]) {
            if applies(statement, request, variables) {
                if statement["Effect"] == "Deny" {
                    return Answer::Denied;
                }
                answer = Answer::Allowed;
            }
        }
    }
    answer
}

fn applies(statement: &Value, request: &Request, variables: bool) -> bool {
    action_fits(statement, &request.action)
        && resource_fits(statement, request, variables)
        && principal_fits(statement, &request.caller)
        && condition_holds(&statement["Condition"], request, variables)
}

fn action_fits(statement: &Value, action: &str) -> bool {
    let named = |patterns: &Value| texts(patterns).any(|pattern| action_like(pattern, action));
    match (statement.get("Action"), statement.get("NotAction")) {
        (Some(patterns), _) => named(patterns),
        (None, Some(patterns)) => !named(patterns),
        (None, None) => false,
    }
}

/// Whether the action fits the pattern, in any case. Both are ASCII.
pub fn action_like(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.as_bytes(), action.as_bytes());
    let (mut at, mut taken) = (0, 0);
    // Where the last star stood, and how much of the action it had taken when it took one more.
    let mut star: Option<(usize, usize)> = None;
    while taken < action.len() {
        let fits = at < pattern.len()
            && (pattern[at] == b'?' || pattern[at].eq_ignore_ascii_case(&action[taken]));
        if at < pattern.len() && pattern[at] == b'*' {
            star = Some((at, taken));
            at += 1;
        } else if fits {
            at += 1;
            taken += 1;
        } else if let Some((stood, took)) = star {
            star = Some((stood, took + 1));
            at = stood + 1;
            taken = took + 1;
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|letter| *letter == b'*')
}

/// A trust policy names no resource: the role is meant.
fn resource_fits(statement: &Value, request: &Request, variables: bool) -> bool {
    let (patterns, wanted) = match (statement.get("Resource"), statement.get("NotResource")) {
        (Some(patterns), _) => (patterns, true),
        (None, Some(patterns)) => (patterns, false),
        (None, None) => return true,
    };
    let mut named = false;
    for pattern in texts(patterns) {
        // A variable without a value makes the statement void.
        let Some(pattern) = pattern_with_values(pattern, request, variables) else {
            return false;
        };
        named |= fits(&pattern, &request.resource);
    }
    named == wanted
}

fn principal_fits(statement: &Value, caller: &Caller) -> bool {
    match (statement.get("Principal"), statement.get("NotPrincipal")) {
        (Some(principal), _) => principal_names(principal, caller),
        (None, Some(principal)) => !principal_names(principal, caller),
        (None, None) => true,
    }
}

fn principal_names(principal: &Value, caller: &Caller) -> bool {
    let Some(kinds) = principal.as_object() else {
        return principal == "*";
    };
    kinds.iter().any(|(kind, names)| {
        texts(names).any(|name| match (kind.as_str(), caller) {
            ("AWS", _) if name == "*" => true,
            ("AWS", Caller::Aws(arn)) => aws_principal_names(name, arn),
            ("Service", Caller::Service(service)) => name == service,
            ("Federated", Caller::Federated(provider)) => name == provider,
            ("CanonicalUser", Caller::CanonicalUser(id)) => name == id,
            _ => false,
        })
    })
}

/// An account's number or root stands for all in the account; a role for its sessions.
fn aws_principal_names(name: &str, arn: &str) -> bool {
    let account = arn.split(':').nth(4).unwrap_or_default();
    let root = format!("arn:aws:iam::{account}:root");
    name == arn
        || name == account
        || name == root
        || role_of_session(arn).is_some_and(|role| role == name)
}

fn role_of_session(arn: &str) -> Option<String> {
    let (account, session) = arn.strip_prefix("arn:aws:sts::")?.split_once(':')?;
    let role = session.strip_prefix("assumed-role/")?.split('/').next()?;
    Some(format!("arn:aws:iam::{account}:role/{role}"))
}

/// Every operator and every key of it must hold.
fn condition_holds(condition: &Value, request: &Request, variables: bool) -> bool {
    let Some(operators) = condition.as_object() else {
        return true;
    };
    operators.iter().all(|(operator, keys)| {
        keys.as_object().is_some_and(|keys| {
            keys.iter()
                .all(|(key, values)| test_holds(operator, key, values, request, variables))
        })
    })
}

fn test_holds(
    operator: &str,
    key: &str,
    values: &Value,
    request: &Request,
    variables: bool,
) -> bool {
    let none = Vec::new();
    let asked = request
        .context
        .get(&key.to_ascii_lowercase())
        .unwrap_or(&none);
    let written: Vec<String> = list(values).iter().map(scalar).collect();
    if operator == "Null" {
        return written
            .iter()
            .any(|value| (value == "true") == asked.is_empty());
    }
    let (set, operator) = match operator.split_once(':') {
        Some((set, operator)) => (Some(set), operator),
        None => (None, operator),
    };
    let (if_exists, operator) = match operator.strip_suffix("IfExists") {
        Some(operator) => (true, operator),
        None => (false, operator),
    };
    let (negated, operator) = positive(operator);
    let mut patterns = Vec::new();
    for value in &written {
        // A variable without a value makes the statement void.
        let takes_variables = operator.starts_with("String") || operator.starts_with("Arn");
        let Some(pattern) = pattern_with_values(value, request, variables && takes_variables)
        else {
            return false;
        };
        patterns.push((value.as_str(), pattern));
    }
    let matched = |asked: &String| {
        patterns
            .iter()
            .any(|(value, pattern)| compares(operator, value, pattern, asked))
    };
    match set {
        Some("ForAllValues") => asked.iter().all(|value| matched(value) != negated),
        Some("ForAnyValue") => asked.iter().any(|value| matched(value) != negated),
        Some(_) => false,
        None if asked.is_empty() => if_exists || negated,
        None => asked.iter().any(matched) != negated,
    }
}

/// Whether the operator is a negation, and of which.
fn positive(operator: &str) -> (bool, &str) {
    match operator {
        "StringNotEquals" => (true, "StringEquals"),
        "StringNotEqualsIgnoreCase" => (true, "StringEqualsIgnoreCase"),
        "StringNotLike" => (true, "StringLike"),
        "NumericNotEquals" => (true, "NumericEquals"),
        "DateNotEquals" => (true, "DateEquals"),
        "NotIpAddress" => (true, "IpAddress"),
        "ArnNotEquals" | "ArnNotLike" => (true, "ArnLike"),
        "ArnEquals" => (false, "ArnLike"),
        other => (false, other),
    }
}

/// Whether one value of the request meets one value of the policy: `written` as it stands, `pattern`
/// with its variables filled in.
fn compares(operator: &str, written: &str, pattern: &[Part], asked: &str) -> bool {
    let literal = || plain(pattern);
    match operator {
        "StringEquals" => literal() == asked,
        "StringEqualsIgnoreCase" => literal().to_lowercase() == asked.to_lowercase(),
        "StringLike" => fits(pattern, asked),
        "ArnLike" => arn_fits(pattern, asked),
        "Bool" => written.eq_ignore_ascii_case(asked),
        "BinaryEquals" => written == asked,
        "IpAddress" => in_range(written, asked).unwrap_or(false),
        _ => match (
            operator.strip_prefix("Numeric"),
            operator.strip_prefix("Date"),
        ) {
            (Some(order), _) => ordered(order, number(asked), number(written)),
            (_, Some(order)) => ordered(order, moment(asked), moment(written)),
            _ => false,
        },
    }
}

fn ordered<T: PartialOrd>(order: &str, asked: Option<T>, written: Option<T>) -> bool {
    let (Some(asked), Some(written)) = (asked, written) else {
        return false;
    };
    match order {
        "Equals" => asked == written,
        "LessThan" => asked < written,
        "LessThanEquals" => asked <= written,
        "GreaterThan" => asked > written,
        "GreaterThanEquals" => asked >= written,
        _ => false,
    }
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}

/// Nanoseconds since 1970: a date and time, a date, or seconds since 1970.
fn moment(text: &str) -> Option<i64> {
    if let Ok(seconds) = text.parse::<i64>() {
        return seconds.checked_mul(1_000_000_000);
    }
    let whole = if text.len() == "2026-01-01".len() {
        format!("{text}T00:00:00Z")
    } else {
        text.to_owned()
    };
    DateTime::parse_from_rfc3339(&whole)
        .ok()?
        .timestamp_nanos_opt()
}

/// Whether the address is in the range, which may be a single address.
fn in_range(range: &str, address: &str) -> Option<bool> {
    let (network, length) = match range.split_once('/') {
        Some((network, length)) => (network, Some(length.parse::<u32>().ok()?)),
        None => (range, None),
    };
    match (network.parse().ok()?, address.parse().ok()?) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            let beyond = 32_u32.checked_sub(length.unwrap_or(32))?;
            let cut = |bits: u32| bits.checked_shr(beyond).unwrap_or(0);
            Some(cut(network.to_bits()) == cut(address.to_bits()))
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            let beyond = 128_u32.checked_sub(length.unwrap_or(128))?;
            let cut = |bits: u128| bits.checked_shr(beyond).unwrap_or(0);
            Some(cut(network.to_bits()) == cut(address.to_bits()))
        }
        _ => Some(false),
    }
}

/// A character of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    One(char),
    AnyOne,
    AnyMany,
}

fn parts(pattern: &str) -> Vec<Part> {
    pattern
        .chars()
        .map(|letter| match letter {
            '*' => Part::AnyMany,
            '?' => Part::AnyOne,
            other => Part::One(other),
        })
        .collect()
}

/// The pattern with the values of its variables, in which `*` and `?` are plain; none when a value
/// is missing.
fn pattern_with_values(pattern: &str, request: &Request, variables: bool) -> Option<Vec<Part>> {
    if !variables {
        return Some(parts(pattern));
    }
    let mut filled = Vec::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after.split_once('}')?;
        filled.extend(parts(before));
        let value = match name {
            "*" | "?" | "$" => name.to_owned(),
            name => variable(name, request)?,
        };
        filled.extend(value.chars().map(Part::One));
        rest = after;
    }
    filled.extend(parts(rest));
    Some(filled)
}

/// `aws:username`, or with what stands in for it: `aws:PrincipalTag/team, 'none'`.
fn variable(name: &str, request: &Request) -> Option<String> {
    let (key, otherwise) = match name.split_once(',') {
        Some((key, otherwise)) => (key.trim(), Some(otherwise.trim().trim_matches('\''))),
        None => (name, None),
    };
    let values = request.context.get(&key.to_ascii_lowercase());
    match values.map(Vec::as_slice) {
        Some([value]) => Some(value.clone()),
        _ => otherwise.map(str::to_owned),
    }
}

/// The pattern as a text, for operators that know no wildcards.
fn plain(pattern: &[Part]) -> String {
    pattern
        .iter()
        .map(|part| match part {
            Part::One(letter) => *letter,
            Part::AnyOne => '?',
            Part::AnyMany => '*',
        })
        .collect()
}

/// Whether the whole text fits the whole pattern.
fn fits(pattern: &[Part], text: &str) -> bool {
    let mut reached = vec![false; pattern.len() + 1];
    reached[0] = true;
    pass_stars(pattern, &mut reached);
    for letter in text.chars() {
        let mut next = vec![false; pattern.len() + 1];
        for (at, part) in pattern.iter().enumerate() {
            if reached[at] {
                match part {
                    Part::AnyMany => next[at] = true,
                    Part::AnyOne => next[at + 1] = true,
                    Part::One(wanted) if *wanted == letter => next[at + 1] = true,
                    Part::One(_) => {}
                }
            }
        }
        pass_stars(pattern, &mut next);
        if !next.contains(&true) {
            return false;
        }
        reached = next;
    }
    reached[pattern.len()]
}

/// A star may stand for nothing.
fn pass_stars(pattern: &[Part], reached: &mut [bool]) {
    for (at, part) in pattern.iter().enumerate() {
        if *part == Part::AnyMany && reached[at] {
            reached[at + 1] = true;
        }
    }
}

/// Each of the six parts of an ARN is compared by itself; the last may hold colons.
fn arn_fits(pattern: &[Part], text: &str) -> bool {
    let patterns: Vec<&[Part]> = pattern.splitn(6, |part| *part == Part::One(':')).collect();
    let texts: Vec<&str> = text.splitn(6, ':').collect();
    patterns.len() == 6
        && texts.len() == 6
        && patterns
            .iter()
            .zip(texts)
            .all(|(pattern, text)| fits(pattern, text))
}

/// One or several.
fn list(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        Value::Null => &[],
        one => std::slice::from_ref(one),
    }
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    list(value).iter().filter_map(Value::as_str)
}

/// A condition's value as text; numbers and flags may stand without quotes.
fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn request(action: &str, resource: &str, context: &[(&str, &[&str])]) -> Request {
        Request {
            caller: Caller::Holder,
            action: action.to_owned(),
            resource: resource.to_owned(),
            context: context
                .iter()
                .map(|(key, values)| {
                    let values = values.iter().map(|value| (*value).to_owned()).collect();
                    (key.to_ascii_lowercase(), values)
                })
                .collect(),
        }
    }

    fn identity(policy: &Value, request: &Request) -> bool {
        let policies = std::slice::from_ref(policy);
        allows(
            Bearing::Identity {
                policies,
                boundary: None,
            },
            request,
        )
    }

    fn grants(policy: &Value, caller: Caller) -> bool {
        let request = Request {
            caller,
            ..request("s3:GetObject", "arn:aws:s3:::orders/a", &[])
        };
        allows(Bearing::Grant(std::slice::from_ref(policy)), &request)
    }

    /// Whether the condition holds for these values of the key; none means the key is absent.
    fn holds(operator: &str, written: Value, asked: &[&str]) -> bool {
        let policy = json!({"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Action": "*", "Resource": "*",
            "Condition": {operator: {"Some:Key": written}}
        }});
        identity(
            &policy,
            &request("s3:GetObject", "*", &[("some:key", asked)]),
        )
    }

    #[test]
    fn nothing_is_allowed_by_itself_and_deny_wins() {
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
            {"Effect": "Deny", "Action": "s3:Delete*", "Resource": "arn:aws:s3:::orders/*"}
        ]});
        assert!(identity(
            &policy,
            &request("s3:GetObject", "arn:aws:s3:::orders/a", &[])
        ));
        assert!(!identity(
            &policy,
            &request("s3:DeleteObject", "arn:aws:s3:::orders/a", &[])
        ));
        assert!(identity(
            &policy,
            &request("s3:DeleteObject", "arn:aws:s3:::other/a", &[])
        ));
        assert!(!identity(
            &policy,
            &request("sqs:SendMessage", "arn:aws:sqs:::q", &[])
        ));
    }

    #[test]
    fn actions_ignore_case_and_resources_do_not() {
        let policy = json!({"Statement": {"Effect": "Allow", "Action": "IAM:*AccessKey*",
            "Resource": "arn:aws:iam::111122223333:user/D?vid"}});
        let david = "arn:aws:iam::111122223333:user/David";
        assert!(identity(
            &policy,
            &request("iam:createaccesskey", david, &[])
        ));
        assert!(!identity(&policy, &request("iam:CreateUser", david, &[])));
        let other = "arn:aws:iam::111122223333:user/david";
        assert!(!identity(
            &policy,
            &request("iam:CreateAccessKey", other, &[])
        ));
    }

    #[test]
    fn all_but_these_actions_and_resources() {
        let policy = json!({"Statement": {"Effect": "Allow", "NotAction": "iam:*",
            "NotResource": ["arn:aws:s3:::secret", "arn:aws:s3:::secret/*"]}});
        assert!(identity(
            &policy,
            &request("s3:GetObject", "arn:aws:s3:::orders/a", &[])
        ));
        assert!(!identity(
            &policy,
            &request("s3:GetObject", "arn:aws:s3:::secret/a", &[])
        ));
        assert!(!identity(
            &policy,
            &request("iam:GetUser", "arn:aws:s3:::orders/a", &[])
        ));
    }

    #[test]
    fn a_boundary_leaves_what_both_allow() {
        let policies = [
            json!({"Statement": {"Effect": "Allow", "Action": "iam:CreateUser", "Resource": "*"}}),
        ];
        let boundary = json!({"Statement": {"Effect": "Allow",
            "Action": ["s3:*", "cloudwatch:*", "ec2:*"], "Resource": "*"}});
        let asked = request("iam:CreateUser", "*", &[]);
        assert!(allows(
            Bearing::Identity {
                policies: &policies,
                boundary: None
            },
            &asked
        ));
        let cut = Bearing::Identity {
            policies: &policies,
            boundary: Some(&boundary),
        };
        assert!(!allows(cut, &asked));
        assert!(!allows(cut, &request("s3:GetObject", "*", &[])));
    }

    #[test]
    fn an_account_covers_its_own_and_a_role_its_sessions() {
        let to = |principal: Value| json!({"Statement": {"Effect": "Allow", "Principal": principal, "Action": "s3:*", "Resource": "*"}});
        let session = || Caller::Aws("arn:aws:sts::123456789012:assumed-role/app/one".to_owned());
        for names in [
            json!("*"),
            json!({"AWS": "*"}),
            json!({"AWS": "123456789012"}),
            json!({"AWS": ["999999999999", "arn:aws:iam::123456789012:root"]}),
            json!({"AWS": "arn:aws:iam::123456789012:role/app"}),
            json!({"AWS": "arn:aws:sts::123456789012:assumed-role/app/one"}),
        ] {
            assert!(grants(&to(names.clone()), session()), "{names}");
        }
        for names in [
            json!({"AWS": "999999999999"}),
            json!({"AWS": "arn:aws:iam::123456789012:role/other"}),
            json!({"AWS": "arn:aws:iam::123456789012:role/*"}),
            json!({"Service": "ecs.amazonaws.com"}),
        ] {
            assert!(!grants(&to(names.clone()), session()), "{names}");
        }
        assert!(grants(&to(json!("*")), Caller::Anonymous));
        assert!(!grants(
            &to(json!({"AWS": "123456789012"})),
            Caller::Anonymous
        ));
        let service = || Caller::Service("ecs.amazonaws.com".to_owned());
        assert!(grants(
            &to(json!({"Service": ["lambda.amazonaws.com", "ecs.amazonaws.com"]})),
            service()
        ));
        let google = Caller::Federated("accounts.google.com".to_owned());
        assert!(grants(
            &to(json!({"Federated": "accounts.google.com"})),
            google
        ));
    }

    #[test]
    fn all_but_bob_are_denied() {
        let policy = json!({"Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"},
            {"Effect": "Deny", "NotPrincipal": {"AWS": "arn:aws:iam::444455556666:user/Bob"},
             "Action": "s3:*", "Resource": "*"}
        ]});
        assert!(grants(
            &policy,
            Caller::Aws("arn:aws:iam::444455556666:user/Bob".to_owned())
        ));
        assert!(!grants(
            &policy,
            Caller::Aws("arn:aws:iam::444455556666:user/Eve".to_owned())
        ));
        assert!(!grants(&policy, Caller::Anonymous));
    }

    #[test]
    fn silence_of_a_resource_limits_nobody() {
        let policies = [json!({"Statement": {"Effect": "Deny", "Principal": "*",
            "Action": "s3:DeleteObject", "Resource": "*"}})];
        assert!(allows(
            Bearing::Limit(&policies),
            &request("s3:GetObject", "*", &[])
        ));
        assert!(!allows(
            Bearing::Limit(&policies),
            &request("s3:DeleteObject", "*", &[])
        ));
        assert!(!allows(
            Bearing::Grant(&policies),
            &request("s3:GetObject", "*", &[])
        ));
    }

    #[test]
    fn strings() {
        assert!(holds("StringEquals", json!("a*"), &["a*"]));
        assert!(!holds("StringEquals", json!("a*"), &["ab"]));
        assert!(holds(
            "StringLike",
            json!(["", "home/", "home/*/"]),
            &["home/david/"]
        ));
        assert!(!holds("StringLike", json!("home/"), &["Home/"]));
        assert!(holds("StringEqualsIgnoreCase", json!("Admin"), &["aDMIN"]));
        assert!(!holds(
            "StringNotEqualsIgnoreCase",
            json!("Admin"),
            &["aDMIN"]
        ));
        // Several values of a negation: none of them.
        assert!(!holds("StringNotEquals", json!(["a", "b"]), &["b"]));
        assert!(holds("StringNotEquals", json!(["a", "b"]), &["c"]));
        assert!(holds("StringNotLike", json!(["a*", "b*"]), &["cab"]));
    }

    #[test]
    fn an_absent_key_fails_unless_negated_or_optional() {
        for operator in [
            "StringEquals",
            "StringLike",
            "NumericLessThan",
            "Bool",
            "IpAddress",
            "ArnLike",
            "DateEquals",
        ] {
            assert!(!holds(operator, json!("1"), &[]), "{operator}");
            assert!(
                holds(&format!("{operator}IfExists"), json!("1"), &[]),
                "{operator}"
            );
        }
        for operator in [
            "StringNotEquals",
            "StringNotLike",
            "NumericNotEquals",
            "NotIpAddress",
            "ArnNotLike",
            "DateNotEquals",
        ] {
            assert!(holds(operator, json!("1"), &[]), "{operator}");
            assert!(
                holds(&format!("{operator}IfExists"), json!("1"), &[]),
                "{operator}"
            );
        }
        // A key that is there is compared.
        assert!(!holds(
            "StringLikeIfExists",
            json!(["t1.*", "t2.*"]),
            &["m3.large"]
        ));
        assert!(holds(
            "StringLikeIfExists",
            json!(["t1.*", "t2.*"]),
            &["t2.micro"]
        ));
    }

    #[test]
    fn presence() {
        assert!(holds("Null", json!("true"), &[]));
        assert!(!holds("Null", json!("true"), &["2026-01-01T00:00:00Z"]));
        assert!(holds("Null", json!(false), &["2026-01-01T00:00:00Z"]));
        assert!(!holds("Null", json!("false"), &[]));
    }

    #[test]
    fn numbers_and_dates() {
        assert!(holds("NumericLessThanEquals", json!("10"), &["10"]));
        assert!(!holds("NumericLessThanEquals", json!(10), &["11"]));
        assert!(holds("NumericEquals", json!(["1", "2.50"]), &["2.5"]));
        let year = "2020-01-01T00:00:01Z";
        assert!(holds(
            "DateGreaterThan",
            json!(year),
            &["2020-01-01T00:00:02Z"]
        ));
        assert!(!holds("DateGreaterThan", json!(year), &[year]));
        assert!(holds("DateEquals", json!("1577836801"), &[year]));
        assert!(holds(
            "DateLessThan",
            json!("2020-01-02"),
            &["2020-01-02T00:59:00+01:00"]
        ));
    }

    #[test]
    fn flags_and_bytes() {
        assert!(holds("Bool", json!("true"), &["true"]));
        assert!(holds("Bool", json!(true), &["true"]));
        assert!(!holds("Bool", json!("false"), &["true"]));
        assert!(holds(
            "BinaryEquals",
            json!("QmluYXJ5VmFsdWVJbkJhc2U2NA=="),
            &["QmluYXJ5VmFsdWVJbkJhc2U2NA=="]
        ));
    }

    #[test]
    fn addresses() {
        let ours = json!(["203.0.113.0/24", "2001:DB8:1234:5678::/64"]);
        assert!(holds("IpAddress", ours.clone(), &["203.0.113.255"]));
        assert!(holds("IpAddress", ours.clone(), &["2001:db8:1234:5678::1"]));
        assert!(!holds("IpAddress", ours.clone(), &["203.0.114.0"]));
        assert!(holds("NotIpAddress", ours, &["2001:db8:1234:5679::1"]));
        assert!(holds("IpAddress", json!("192.0.2.1"), &["192.0.2.1"]));
        assert!(!holds("IpAddress", json!("192.0.2.1"), &["192.0.2.2"]));
        assert!(holds("IpAddress", json!("0.0.0.0/0"), &["192.0.2.2"]));
    }

    #[test]
    fn an_arn_is_compared_part_by_part() {
        let pattern = "arn:aws:someservice:*:111122223333:finance/*";
        let asked = "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt";
        assert!(holds("StringLike", json!(pattern), &[asked]));
        assert!(!holds("ArnLike", json!(pattern), &[asked]));
        assert!(holds("ArnNotEquals", json!(pattern), &[asked]));
        assert!(holds(
            "ArnEquals",
            json!(pattern),
            &["arn:aws:someservice:eu-west-1:111122223333:finance/a:b"]
        ));
    }

    #[test]
    fn sets_of_values() {
        let attributes = json!(["PostDateTime", "Message", "Tags"]);
        let all = "ForAllValues:StringLike";
        assert!(holds(all, attributes.clone(), &["PostDateTime", "Message"]));
        assert!(!holds(
            all,
            attributes.clone(),
            &["PostDateTime", "UserName"]
        ));
        assert!(holds(all, attributes, &[]));
        let forbidden = json!(["ID", "PostDateTime"]);
        let any = "ForAnyValue:StringLike";
        assert!(holds(
            any,
            forbidden.clone(),
            &["UserName", "Message", "PostDateTime"]
        ));
        assert!(!holds(any, forbidden.clone(), &["UserName"]));
        assert!(!holds(any, forbidden, &[]));
        // A negation is asked of each value by itself.
        assert!(holds(
            "ForAnyValue:StringNotEquals",
            json!("a"),
            &["a", "b"]
        ));
        assert!(!holds(
            "ForAllValues:StringNotEquals",
            json!("a"),
            &["a", "b"]
        ));
        assert!(holds("ForAllValues:StringNotEquals", json!("a"), &[]));
        assert!(!holds("ForAnyValue:StringNotEquals", json!("a"), &[]));
    }

    #[test]
    fn all_operators_and_keys_must_hold() {
        let policy = json!({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {
            "StringEquals": {"aws:PrincipalTag/department": ["finance", "hr"], "aws:PrincipalTag/role": "audit"},
            "Bool": {"aws:SecureTransport": "true"}
        }}});
        let department: (&str, &[&str]) = ("aws:PrincipalTag/department", &["hr"]);
        let role: (&str, &[&str]) = ("aws:principaltag/ROLE", &["audit"]);
        let secure: (&str, &[&str]) = ("aws:SecureTransport", &["true"]);
        let asked =
            |context: &[(&str, &[&str])]| identity(&policy, &request("s3:GetObject", "*", context));
        assert!(asked(&[department, role, secure]));
        assert!(!asked(&[department, role]));
        assert!(!asked(&[department, secure]));
    }

    #[test]
    fn variables_take_their_values_from_the_request() {
        let policy = |version: &str| {
            json!({"Version": version, "Statement": {"Effect": "Allow", "Action": "s3:*",
                "Resource": "arn:aws:s3:::home/${aws:username}/*"}})
        };
        let asked = |resource: &str, context: &[(&str, &[&str])]| {
            request("s3:GetObject", resource, context)
        };
        let david: &[(&str, &[&str])] = &[("aws:username", &["David"])];
        let home = "arn:aws:s3:::home/David/a";
        assert!(identity(&policy("2012-10-17"), &asked(home, david)));
        assert!(!identity(
            &policy("2012-10-17"),
            &asked("arn:aws:s3:::home/Eve/a", david)
        ));
        assert!(!identity(&policy("2012-10-17"), &asked(home, &[])));
        assert!(!identity(&policy("2008-10-17"), &asked(home, david)));
        // A value's own star is plain.
        let star: &[(&str, &[&str])] = &[("aws:username", &["*"])];
        assert!(!identity(&policy("2012-10-17"), &asked(home, star)));
        assert!(identity(
            &policy("2012-10-17"),
            &asked("arn:aws:s3:::home/*/a", star)
        ));
    }

    #[test]
    fn variables_may_escape_and_may_have_a_stand_in() {
        let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*",
            "Resource": "arn:aws:s3:::${aws:PrincipalTag/team, 'company-wide'}/${*}"}});
        assert!(identity(
            &policy,
            &request("s3:GetObject", "arn:aws:s3:::company-wide/*", &[])
        ));
        assert!(!identity(
            &policy,
            &request("s3:GetObject", "arn:aws:s3:::company-wide/a", &[])
        ));
        let team: &[(&str, &[&str])] = &[("aws:PrincipalTag/team", &["yellow"])];
        assert!(identity(
            &policy,
            &request("s3:GetObject", "arn:aws:s3:::yellow/*", team)
        ));
    }
}
