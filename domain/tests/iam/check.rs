//! What must hold of a judgement, tried with requests.
use crate::draw::{Draw, Kind};
use crate::evaluator::{Caller, Request};
use crate::pair::{Holding, Pair};
use crate::request::Targets;
use domain::access::Witness;
use domain::access::iam::Judgement;
use std::fmt::Write;

/// A request that one side allows and the other does not.
pub struct Difference {
    pub request: Request,
    pub gained: bool,
    /// How many requests were drawn until this one.
    pub tried: usize,
}

/// Draws requests and tells which of them only one side allows.
pub fn differences<'a>(
    draw: &'a mut Draw,
    pair: &'a Pair,
    allows: fn(&Holding, &Request) -> bool,
    requests: usize,
) -> impl Iterator<Item = Difference> + 'a {
    let targets = Targets::new(
        pair.kind(),
        &pair.before.documents(),
        &pair.after.documents(),
    );
    (1..=requests).filter_map(move |tried| {
        let request = targets.request(draw);
        let after = allows(&pair.after, &request);
        let differs = allows(&pair.before, &request) != after;
        differs.then_some(Difference {
            request,
            gained: after,
            tried,
        })
    })
}

/// Whether what is said of the pair holds for drawn requests and for its own examples; if not, why.
pub fn holds(
    draw: &mut Draw,
    pair: &Pair,
    said: &Judgement,
    requests: usize,
) -> Result<(), String> {
    nothing_overlooked(draw, pair, said, requests)?;
    examples_hold(pair, said)?;
    if pair.rewriting && (said.new_access == Some(true) || said.lost_access == Some(true)) {
        return Err(failure(
            pair,
            "a rewriting was taken for a change of access",
            None,
        ));
    }
    Ok(())
}

/// Whether no drawn request contradicts a no.
pub fn nothing_overlooked(
    draw: &mut Draw,
    pair: &Pair,
    said: &Judgement,
    requests: usize,
) -> Result<(), String> {
    let answers = (said.new_access, said.lost_access);
    no_counterexample(draw, pair, answers, Holding::allows, requests)?;
    match (pair.kind(), &said.limit) {
        (Kind::Resource, Some(limit)) => {
            let answers = (limit.new_access, limit.lost_access);
            no_counterexample(draw, pair, answers, Holding::leaves, requests)
                .map_err(|failure| format!("As a limit: {failure}"))
        }
        _ => Ok(()),
    }
}

fn no_counterexample(
    draw: &mut Draw,
    pair: &Pair,
    (gained, lost): (Option<bool>, Option<bool>),
    allows: fn(&Holding, &Request) -> bool,
    requests: usize,
) -> Result<(), String> {
    if gained != Some(false) && lost != Some(false) {
        return Ok(());
    }
    let contradicts = |difference: &Difference| match difference.gained {
        true => gained == Some(false),
        false => lost == Some(false),
    };
    match differences(draw, pair, allows, requests).find(contradicts) {
        Some(found) if found.gained => {
            let said = "nothing is gained, it was said, but this request is";
            Err(failure(pair, said, Some(&found.request)))
        }
        Some(found) => {
            let said = "nothing is lost, it was said, but this request is";
            Err(failure(pair, said, Some(&found.request)))
        }
        None => Ok(()),
    }
}

fn examples_hold(pair: &Pair, said: &Judgement) -> Result<(), String> {
    let allows = Holding::allows;
    one_way(pair, "gained", said.new_access, &said.gained, allows)?;
    one_way(pair, "lost", said.lost_access, &said.lost, allows)?;
    let Some(limit) = &said.limit else {
        return Ok(());
    };
    let leaves = Holding::leaves;
    one_way(pair, "gained", limit.new_access, &limit.gained, leaves)
        .and_then(|()| one_way(pair, "lost", limit.lost_access, &limit.lost, leaves))
        .map_err(|failure| format!("As a limit: {failure}"))
}

fn one_way(
    pair: &Pair,
    word: &str,
    answer: Option<bool>,
    examples: &[Witness],
    allows: fn(&Holding, &Request) -> bool,
) -> Result<(), String> {
    if (answer == Some(true)) == examples.is_empty() {
        let count = examples.len();
        let wrong = format!("{word}: {answer:?} comes with {count} examples");
        return Err(failure(pair, &wrong, None));
    }
    let (without, with) = match word {
        "gained" => (&pair.before, &pair.after),
        _ => (&pair.after, &pair.before),
    };
    for example in examples {
        let request = asked(example);
        if allows(without, &request) || !allows(with, &request) {
            let wrong = format!("an example of what is {word} is none: {example:?}");
            return Err(failure(pair, &wrong, Some(&request)));
        }
    }
    Ok(())
}

/// The request that an example describes.
fn asked(example: &Witness) -> Request {
    Request {
        caller: caller(&example.principal),
        action: example.action.clone(),
        resource: example.resource.clone(),
        context: example
            .context
            .iter()
            .map(|(key, values)| (key.to_ascii_lowercase(), values.clone()))
            .collect(),
    }
}

fn caller(name: &str) -> Caller {
    let provider =
        |name: &str| name.contains(":oidc-provider/") || name.contains(":saml-provider/");
    match name {
        "" => Caller::Holder,
        "anonymous" => Caller::Anonymous,
        arn if arn.starts_with("arn:") && !provider(arn) => Caller::Aws(arn.to_owned()),
        account if account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()) => {
            Caller::Aws(format!("arn:aws:iam::{account}:root"))
        }
        service if service.ends_with(".amazonaws.com") => Caller::Service(service.to_owned()),
        id if id.len() == 64 => Caller::CanonicalUser(id.to_owned()),
        provider => Caller::Federated(provider.to_owned()),
    }
}

fn failure(pair: &Pair, wrong: &str, request: Option<&Request>) -> String {
    let mut text = format!("{:?}: {wrong}\n", pair.kind());
    if let Some(request) = request {
        _ = writeln!(text, "Request: {request:#?}");
    }
    for (word, side) in [("Before", &pair.before), ("After", &pair.after)] {
        for policy in &side.policies {
            _ = writeln!(text, "{word}: {policy:#}");
        }
        if let Some(boundary) = &side.boundary {
            _ = writeln!(text, "{word}, boundary: {boundary:#}");
        }
    }
    text
}
