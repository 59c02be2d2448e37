//! Judged requests as sentences.
use crate::access::{Aspect, SubjectReview, Witness};
use std::collections::BTreeMap;

/// More names than these make no sentence.
const MOST_NAMES: usize = 4;
/// How many conditions a sentence names.
const MOST_CONDITIONS: usize = 8;

/// Which way a change goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Now, and not before.
    Gained,
    /// Before, and no longer.
    Lost,
}

impl Way {
    fn words(self) -> &'static str {
        match self {
            Way::Gained => "can now",
            Way::Lost => "can no longer",
        }
    }
}

/// What allows the requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Granted {
    /// The judged policies themselves.
    Here,
    /// Callers' own policies: those judged only let them through.
    ByCallers,
}

/// What requests are about besides their actions.
type Rest<'w> = (&'w str, &'w str, &'w BTreeMap<String, Vec<String>>);

/// A sentence for each group of requests that differ in the action only.
/// `checkout-api can now s3:PutObject on arn:aws:s3:::orders/*`.
pub(super) fn sentences(
    subject: &SubjectReview,
    part: &str,
    way: Way,
    granted: Granted,
    witnesses: &[Witness],
) -> Vec<String> {
    let mut groups: Vec<(Rest<'_>, Vec<&str>)> = Vec::new();
    for witness in witnesses {
        let rest = (
            witness.principal.as_str(),
            witness.resource.as_str(),
            &witness.context,
        );
        match groups.iter_mut().find(|(other, _)| *other == rest) {
            Some((_, actions)) if actions.contains(&witness.action.as_str()) => {}
            Some((_, actions)) => actions.push(&witness.action),
            None => groups.push((rest, vec![&witness.action])),
        }
    }
    groups
        .into_iter()
        .map(|(rest, actions)| sentence(subject, part, (way, granted), rest, &actions))
        .collect()
}

fn sentence(
    subject: &SubjectReview,
    part: &str,
    (way, granted): (Way, Granted),
    (principal, resource, context): Rest<'_>,
    actions: &[&str],
) -> String {
    let id = match part {
        "" => subject.id.clone(),
        part => format!("{} ({part})", subject.id),
    };
    if let Some(setting) = blocked_by(context) {
        return match way {
            Way::Gained => format!("{setting} no longer blocks public access to {id}"),
            Way::Lost => format!("{setting} now blocks public access to {id}"),
        };
    }
    let (can, when) = (way.words(), circumstances(context));
    match subject.aspect {
        Aspect::Identity => format!("{id} {can} {}{}{when}", listed(actions), on(resource)),
        Aspect::Trust => format!("{} {can} {}{when}", who(principal), assume(actions, &id)),
        Aspect::Resource => {
            let place = if is_whole(resource, &subject.id) {
                id
            } else {
                format!("{id} ({resource})")
            };
            let own = match granted {
                Granted::Here => "",
                Granted::ByCallers => ", where their own policies allow it",
            };
            format!(
                "{} {can} {} on {place}{when}{own}",
                who(principal),
                listed(actions)
            )
        }
    }
}

/// Whether a resource is all of the subject: `*`, `${Assets.Arn}`, `${Assets.Arn}/*`.
fn is_whole(resource: &str, id: &str) -> bool {
    let rest = resource
        .strip_prefix("${")
        .and_then(|rest| rest.strip_prefix(id))
        .filter(|rest| rest.starts_with(['.', '}']))
        .and_then(|rest| rest.split_once('}'))
        .map(|(_, rest)| rest);
    resource.is_empty()
        || resource == "*"
        || resource == id
        || matches!(rest, Some("" | "/*" | ":*"))
}

/// The bucket setting whose absence lets a request through (see `collect::public`).
fn blocked_by(context: &BTreeMap<String, Vec<String>>) -> Option<&'static str> {
    super::collect::BLOCKS.into_iter().find(|setting| {
        context
            .keys()
            .any(|key| key.eq_ignore_ascii_case(&format!("s3:{setting}")))
    })
}

fn on(resource: &str) -> String {
    match resource {
        "" => String::new(),
        "*" => " on anything".to_owned(),
        one => format!(" on {one}"),
    }
}

fn who(principal: &str) -> String {
    match principal {
        "" | "*" | "anonymous" => "anyone (*)".to_owned(),
        one => one.to_owned(),
    }
}

fn assume(actions: &[&str], role: &str) -> String {
    let phrases: Vec<_> = actions
        .iter()
        .map(|action| match action.to_ascii_lowercase().as_str() {
            "sts:assumerole" => format!("assume {role}"),
            "sts:assumerolewithsaml" => format!("assume {role} with SAML"),
            "sts:assumerolewithwebidentity" => format!("assume {role} with a web identity"),
            "sts:tagsession" => format!("tag sessions of {role}"),
            "sts:setsourceidentity" => format!("set the source identity of {role}'s sessions"),
            _ => format!("{action} on {role}"),
        })
        .collect();
    let phrases: Vec<&str> = phrases.iter().map(String::as_str).collect();
    listed(&phrases)
}

/// `a`, `a and b`, `a, b and c`, `a, b, c, d and 3 more`.
fn listed(names: &[&str]) -> String {
    let shown = names.len().min(MOST_NAMES);
    let (head, rest) = names.split_at(shown);
    match (head, rest.len()) {
        ([], _) => String::new(),
        ([one], 0) => (*one).to_owned(),
        ([most @ .., last], 0) => format!("{} and {last}", most.join(", ")),
        (head, more) => format!("{} and {more} more", head.join(", ")),
    }
}

/// ` from 10.0.0.0/8 when aws:PrincipalOrgID is o-example`.
fn circumstances(context: &BTreeMap<String, Vec<String>>) -> String {
    let mut from = String::new();
    let mut when = Vec::new();
    for (key, values) in context {
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        if key.eq_ignore_ascii_case("aws:SourceIp") && !values.is_empty() {
            from = format!(" from {}", listed(&values));
        } else if values.is_empty() {
            when.push(format!("{key} is empty"));
        } else {
            when.push(format!("{key} is {}", listed(&values)));
        }
    }
    let more = when.len().saturating_sub(MOST_CONDITIONS);
    when.truncate(MOST_CONDITIONS);
    let when = match (when.as_slice(), more) {
        ([], _) => String::new(),
        (all, 0) => format!(" when {}", all.join(" and ")),
        (some, more) => format!(" when {} and {more} more conditions hold", some.join(", ")),
    };
    format!("{from}{when}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Lines, Verdict};

    fn subject(id: &str, aspect: Aspect) -> SubjectReview {
        SubjectReview {
            id: id.to_owned(),
            kind: String::new(),
            aspect,
            verdict: Verdict::Widened,
            new_access: None,
            lost_access: None,
            gained: Vec::new(),
            lost: Vec::new(),
            witness: None,
            reasons: Vec::new(),
            escalations: Vec::new(),
            lines: Lines::default(),
        }
    }

    fn witness(principal: &str, action: &str, resource: &str, context: &[(&str, &str)]) -> Witness {
        Witness {
            action: action.to_owned(),
            resource: resource.to_owned(),
            principal: principal.to_owned(),
            context: context
                .iter()
                .map(|(key, value)| ((*key).to_owned(), vec![(*value).to_owned()]))
                .collect(),
        }
    }

    #[track_caller]
    fn says(id: &str, aspect: Aspect, way: Way, witnesses: &[Witness], expected: &[&str]) {
        assert_eq!(
            sentences(&subject(id, aspect), "", way, Granted::Here, witnesses),
            expected
        );
    }

    #[test]
    fn what_an_identity_can_do_is_one_sentence_a_resource() {
        let orders = "arn:aws:s3:::orders/*";
        says(
            "checkout-api",
            Aspect::Identity,
            Way::Gained,
            &[
                witness("", "s3:PutObject", orders, &[]),
                witness("", "s3:DeleteObject", orders, &[]),
                witness("", "sqs:SendMessage", "*", &[("aws:SourceIp", "10.0.0.1")]),
            ],
            &[
                "checkout-api can now s3:PutObject and s3:DeleteObject on arn:aws:s3:::orders/*",
                "checkout-api can now sqs:SendMessage on anything from 10.0.0.1",
            ],
        );
    }

    #[test]
    fn who_may_assume_a_role() {
        let org = [("aws:PrincipalOrgID", "o-example")];
        says(
            "OrdersRole",
            Aspect::Trust,
            Way::Gained,
            &[witness("lambda.amazonaws.com", "sts:AssumeRole", "", &[])],
            &["lambda.amazonaws.com can now assume OrdersRole"],
        );
        says(
            "OrdersRole",
            Aspect::Trust,
            Way::Lost,
            &[witness("anonymous", "sts:AssumeRole", "", &org)],
            &["anyone (*) can no longer assume OrdersRole when aws:PrincipalOrgID is o-example"],
        );
    }

    #[test]
    fn who_may_use_a_resource() {
        says(
            "Assets",
            Aspect::Resource,
            Way::Gained,
            &[witness("*", "s3:GetObject", "*", &[])],
            &["anyone (*) can now s3:GetObject on Assets"],
        );
        says(
            "Assets",
            Aspect::Resource,
            Way::Gained,
            &[witness(
                "*",
                "s3:GetObject",
                "*",
                &[("s3:BlockPublicPolicy", "true")],
            )],
            &["BlockPublicPolicy no longer blocks public access to Assets"],
        );
    }

    #[test]
    fn what_is_only_a_part_of_a_resource_is_told() {
        for (resource, place) in [
            ("${Assets.Arn}/*", "Assets"),
            ("${Assets}", "Assets"),
            ("${Assets.Arn}/public/*", "Assets (${Assets.Arn}/public/*)"),
            ("${AssetsLog.Arn}", "Assets (${AssetsLog.Arn})"),
        ] {
            says(
                "Assets",
                Aspect::Resource,
                Way::Lost,
                &[witness("222222222222", "s3:GetObject", resource, &[])],
                &[&format!(
                    "222222222222 can no longer s3:GetObject on {place}"
                )],
            );
        }
    }

    #[test]
    fn many_actions_are_counted() {
        let all: Vec<_> = ["a:A", "a:B", "a:C", "a:D", "a:E", "a:F"]
            .map(|action| witness("", action, "*", &[]))
            .into();
        says(
            "R",
            Aspect::Identity,
            Way::Gained,
            &all,
            &["R can now a:A, a:B, a:C, a:D and 2 more on anything"],
        );
    }
}
