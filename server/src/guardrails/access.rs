//! Findings from the review of access, which knows exactly what a change lets in that was not let in before. What was
//! there already is found no more: whoever let it in has decided on it.
use domain::access::{AccessReview, Aspect, GroupReview, StatementText, SubjectReview};
use domain::change::{Finding, FindingKey, ReviewedStack, Severity};
use domain::names::AccountId;
use std::collections::BTreeSet;

/// A rule over the review.
struct Rule {
    name: &'static str,
    title: &'static str,
    why: &'static str,
    right: &'static str,
}

const INTERNET: Rule = Rule {
    name: "internet-exposure",
    title: "The internet reaches web ports only",
    why: "Everything on the internet that answers is found and tried within minutes.",
    right: "Let the internet reach TCP 443 of a load balancer, and everything else only from security groups or networks \
            of your own.",
};
const PUBLIC_DATABASE: Rule = Rule {
    name: "database-is-private",
    title: "Databases have no public address",
    why: "Passwords of a database that answers to the internet are tried day and night.",
    right: "Set PubliclyAccessible to false, and reach it from within its network.",
};
const PUBLIC_ACCESS: Rule = Rule {
    name: "public-access",
    title: "Nothing is open to anybody with an AWS account, or without one",
    why: "Anybody in the world can do this, without having been let in.",
    right: "Name who may, or narrow it with a condition on aws:SourceArn, aws:SourceAccount or aws:PrincipalOrgID.",
};
const CROSS_ACCOUNT: Rule = Rule {
    name: "cross-account",
    title: "Other accounts are not let in",
    why: "Whoever looks after the other account decides from then on who comes in.",
    right: "Name principals of this environment's own account, or ask for a waiver that says who the others are.",
};
const WILDCARD: Rule = Rule {
    name: "wildcard-grant",
    title: "Nothing may do everything to everything",
    why: "A mistake or an intruder in this identity can do all of it, also to what will be made later.",
    right: "Name the actions that are needed, and the resources that they are needed on.",
};
const ESCALATION: Rule = Rule {
    name: "escalation",
    title: "Nobody can give themselves more access",
    why: "What else stands in its policies no longer bounds what it can do.",
    right: "Take one of the actions away, or bound it to resources that lead nowhere.",
};

/// What the review of access finds in a plan, as it stands in the plan's stacks.
pub fn access_findings(access: &AccessReview, stacks: &[ReviewedStack]) -> Vec<Finding> {
    let place = Place::of(stacks);
    let mut found = Vec::new();
    for group in &access.network.groups {
        found.extend(internet(group, &place));
    }
    for subject in &access.iam.subjects {
        found.extend(public(subject, &place));
        found.extend(escalation(subject, &place));
    }
    for statement in &access.iam.statements.added {
        found.extend(cross_account(statement, &access.iam.subjects, &place));
        found.extend(wildcard(statement, &place));
    }
    for attached in &access.iam.managed_policies.added {
        let name = attached.policy.rsplit('/').next().unwrap_or_default();
        if ["AdministratorAccess", "PowerUserAccess", "IAMFullAccess"].contains(&name) {
            let words = format!("{name} is attached to {}", attached.subject);
            let path = attached.policy.clone();
            found.push(place.finding(&WILDCARD, Severity::Block, &attached.subject, path, words));
        }
    }
    found
}

/// The plan's stacks, which the review names by prefixes (`domain::access::Access::merge`).
struct Place<'s> {
    companions: Vec<&'s str>,
    accounts: BTreeSet<&'s AccountId>,
}

impl<'s> Place<'s> {
    fn of(stacks: &'s [ReviewedStack]) -> Place<'s> {
        Place {
            companions: stacks
                .iter()
                .map(|stack| stack.name.as_str())
                .filter(|name| *name != "main")
                .collect(),
            accounts: stacks.iter().map(|stack| &stack.account).collect(),
        }
    }

    /// The stack and the name there.
    fn split<'n>(&self, name: &'n str) -> (&'n str, &'n str) {
        match name.split_once('/') {
            Some((stack, rest)) if self.companions.contains(&stack) => (stack, rest),
            _ => ("main", name),
        }
    }

    fn finding(
        &self,
        rule: &Rule,
        severity: Severity,
        subject: &str,
        path: String,
        found: String,
    ) -> Finding {
        let (stack, resource) = self.split(subject);
        Finding {
            key: FindingKey {
                rule: rule.name.to_owned(),
                stack: stack.to_owned(),
                resource: resource.to_owned(),
                path,
            },
            severity,
            title: rule.title.to_owned(),
            found,
            why: rule.why.to_owned(),
            right: rule.right.to_owned(),
        }
    }
}

/// Types that answer to nobody but their own applications.
const DATABASES: [&str; 8] = [
    "AWS::AmazonMQ::",
    "AWS::DMS::",
    "AWS::DocDB::",
    "AWS::MSK::",
    "AWS::Neptune::",
    "AWS::OpenSearchService::",
    "AWS::RDS::",
    "AWS::Redshift::",
];
/// What the world is meant to talk to, as the review's sentences name it.
const WEB: [&str; 2] = ["TCP 443", "TCP 80"];

fn internet(group: &GroupReview, place: &Place<'_>) -> Vec<Finding> {
    if !group.internet || !group.verdict.may_widen() {
        return Vec::new();
    }
    let database = DATABASES.iter().any(|kind| group.kind.starts_with(kind));
    if database {
        let words = group.gained.iter().chain(&group.reasons).next();
        let words = words.cloned().unwrap_or_default();
        let path = "PubliclyAccessible".to_owned();
        let rule = &PUBLIC_DATABASE;
        return vec![place.finding(rule, Severity::Block, &group.id, path, words)];
    }
    // Routes, subnets and network ACLs let nobody in by themselves: groups do.
    if group.kind != "AWS::EC2::SecurityGroup" {
        return Vec::new();
    }
    let mut found = Vec::new();
    for gained in &group.gained {
        let Some((who, what)) = gained.split_once(" can now reach ") else {
            continue;
        };
        if who == group.id || !who.contains("internet") {
            continue;
        }
        let traffic = what
            .rsplit_once(" on ")
            .map_or(what, |(traffic, _)| traffic);
        let severity = match WEB.contains(&traffic) {
            true => Severity::Info,
            false => Severity::Block,
        };
        let path = format!("{who}: {traffic}");
        found.push(place.finding(&INTERNET, severity, &group.id, path, gained.clone()));
    }
    if found.is_empty() {
        let reason = group.reasons.first().cloned().unwrap_or_default();
        let words = format!("Whether the internet reaches more could not be decided: {reason}");
        let rule = &INTERNET;
        found.push(place.finding(rule, Severity::Warn, &group.id, String::new(), words));
    }
    found
}

/// Conditions under which a request comes from somebody who was named, though anybody is let in.
const NAMING: [&str; 8] = [
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:principalorgid",
    "aws:principalaccount",
    "aws:principalarn",
];

fn public(subject: &SubjectReview, place: &Place<'_>) -> Option<Finding> {
    let witness = subject.witness.as_ref()?;
    if subject.aspect == Aspect::Identity || witness.principal != "anonymous" {
        return None;
    }
    // The policy of an endpoint bounds what passes it; it lets nobody in who is not let in elsewhere.
    if subject.kind == "AWS::EC2::VPCEndpoint" {
        return None;
    }
    let named = |key: &String| NAMING.contains(&key.to_ascii_lowercase().as_str());
    if witness.context.keys().any(named) {
        return None;
    }
    let words = subject
        .gained
        .first()
        .cloned()
        .unwrap_or_else(|| format!("Anyone can now {} on {}", witness.action, subject.id));
    let path = match subject.aspect {
        Aspect::Trust => "trust",
        _ => "resource policy",
    };
    let severity = Severity::Block;
    Some(place.finding(
        &PUBLIC_ACCESS,
        severity,
        &subject.id,
        path.to_owned(),
        words,
    ))
}

/// Ways to more access that are told in full.
const WAYS_TOLD: usize = 3;

fn escalation(subject: &SubjectReview, place: &Place<'_>) -> Option<Finding> {
    let names: Vec<_> = subject
        .escalations
        .iter()
        .map(|way| way.name.as_str())
        .collect();
    let told = subject.escalations.iter().take(WAYS_TOLD);
    let mut words: Vec<_> = told.map(|way| way.words.clone()).collect();
    if names.is_empty() {
        return None;
    }
    if names.len() > WAYS_TOLD {
        words.push(format!("{} more", names.len() - WAYS_TOLD));
    }
    let words = format!("{} can now {}", subject.id, words.join("; "));
    let severity = Severity::Block;
    Some(place.finding(&ESCALATION, severity, &subject.id, names.join(", "), words))
}

/// Logical id, with the companion's name before it, and the place in the resource.
fn source<'s>(statement: &'s StatementText, place: &Place<'_>) -> (&'s str, &'s str) {
    let (_, name) = place.split(&statement.source);
    let rest = name.find('/').map_or("", |at| &name[at..]);
    let subject = statement.source.strip_suffix(rest);
    (
        subject.unwrap_or(&statement.source),
        rest.trim_start_matches('/'),
    )
}

fn cross_account(
    statement: &StatementText,
    subjects: &[SubjectReview],
    place: &Place<'_>,
) -> Vec<Finding> {
    if statement.effect != "Allow" || statement.principals.not {
        return Vec::new();
    }
    let (subject, at) = source(statement, place);
    let gains = |review: &SubjectReview| review.id == subject && review.verdict.may_widen();
    let known = subjects.iter().any(|review| review.id == subject);
    if known && !subjects.iter().any(gains) {
        return Vec::new();
    }
    let others = statement.principals.values.iter().filter(|principal| {
        account_of(principal)
            .is_some_and(|account| !place.accounts.iter().any(|own| own.as_str() == account))
    });
    others
        .map(|principal| {
            let words = format!("{principal} is let in by {at} of {subject}");
            let path = format!("{at}: {principal}");
            place.finding(&CROSS_ACCOUNT, Severity::Block, subject, path, words)
        })
        .collect()
}

/// The account that a principal names, as `AWS:111111111111` or by an ARN.
fn account_of(principal: &str) -> Option<&str> {
    let named = principal.strip_prefix("AWS:")?;
    let account = named.split(':').nth(4).unwrap_or(named);
    let digits = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    digits.then_some(account)
}

fn wildcard(statement: &StatementText, place: &Place<'_>) -> Option<Finding> {
    // Resource policies name principals, and their resource is the one that they stand at.
    let of_identity = statement.principals.values.is_empty();
    let every_action = |action: &String| action == "*" || action.ends_with(":*");
    let actions = statement.actions.not || statement.actions.values.iter().any(every_action);
    let every = |resource: &String| resource == "*";
    let resources = statement.resources.not || statement.resources.values.iter().any(every);
    if statement.effect != "Allow" || !of_identity || !actions || !resources {
        return None;
    }
    let (subject, at) = source(statement, place);
    let listed = statement.actions.values.join(", ");
    let listed = match statement.actions.not {
        true => format!("everything but {listed}"),
        false => listed,
    };
    // A condition narrows it in a way that people have to judge.
    let severity = match statement.condition {
        Some(_) => Severity::Warn,
        None => Severity::Block,
    };
    let words = format!("{at} of {subject} allows {listed} on every resource");
    let path = format!("{at}: {listed}");
    Some(place.finding(&WILDCARD, severity, subject, path, words))
}
