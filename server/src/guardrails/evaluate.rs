//! Evaluating the rules with Guard's own library. What it can't evaluate blocks: a guardrail that fell is none.
use super::StackToGuard;
use super::document::document;
use super::record::{self, FailedPlace, Failure, Stands};
use super::rule::{FILES, RuleText, TEXTS};
use cfn_guard::{ValidateInput, run_checks};
use domain::change::{Finding, FindingKey, Severity};
use domain::stage::Stage;
use std::time::Duration;
use tokio::sync::oneshot;

/// A document that is larger is not evaluated: Guard writes down each value it looks at, several times.
const MOST_BYTES: usize = 4_000_000;
/// All rules over one stack take less than a second; a template made to take longer is not waited for.
const PATIENCE: Duration = Duration::from_secs(60);
/// Guard walks values and its own records by recursion.
const STACK_BYTES: usize = 64 << 20;
/// The name under which it is found that rules could not be evaluated.
const NOT_EVALUATED: &str = "guardrails-are-evaluated";
/// As much of a value as people read.
const SHOWN: usize = 80;

/// What the rules find in a stack that is to stand at a stage.
pub async fn template_findings(stage: Stage, stack: StackToGuard<'_>) -> Vec<Finding> {
    let name = stack.name.to_owned();
    let text = document(stage, stack).to_string();
    if text.len() > MOST_BYTES {
        let why = format!("it comes to {} bytes, and {MOST_BYTES} can be", text.len());
        return vec![not_evaluated(&name, "", &why)];
    }
    let (answer, answered) = oneshot::channel();
    let started = std::thread::Builder::new()
        .name("guardrails".to_owned())
        .stack_size(STACK_BYTES)
        .spawn(move || {
            // Nobody waits any more when it takes too long.
            let _ = answer.send(evaluate(&text));
        });
    if let Err(error) = started {
        return vec![not_evaluated(&name, "", &error.to_string())];
    }
    match tokio::time::timeout(PATIENCE, answered).await {
        Ok(Ok(all)) => all
            .into_iter()
            .flat_map(|(file, found)| match found {
                Ok(failures) => failures
                    .into_iter()
                    .map(|failure| finding(&name, failure))
                    .collect(),
                Err(why) => vec![not_evaluated(&name, file, &why)],
            })
            .collect(),
        // The thread panicked, so nobody answers.
        Ok(Err(_)) => vec![not_evaluated(&name, "", "Guard failed over it")],
        Err(_) => vec![not_evaluated(&name, "", "it took too long")],
    }
}

/// What each file of rules finds in a document, or why it could not be evaluated.
fn evaluate(document: &str) -> Vec<(&'static str, Result<Vec<Failure>, String>)> {
    FILES
        .iter()
        .map(|file| (file.name, failures(document, file.name, file.source)))
        .collect()
}

/// Where the rules of a file fail over a document.
pub(super) fn failures(document: &str, file: &str, rules: &str) -> Result<Vec<Failure>, String> {
    let data = ValidateInput {
        content: document,
        file_name: "template",
    };
    let rules = ValidateInput {
        content: rules,
        file_name: file,
    };
    // Without `verbose` its JSON is cut at 8 KiB.
    let text = run_checks(data, rules, true).map_err(|error| error.to_string())?;
    record::read(&text).map_err(|error| error.to_string())
}

fn finding(stack: &str, failure: Failure) -> Finding {
    let unknown = RuleText {
        title: failure.rule.replace('_', " "),
        severity: Severity::Block,
        why: String::new(),
        right: String::new(),
        shows_values: false,
    };
    let text = TEXTS.get(&failure.rule).unwrap_or(&unknown);
    let paths: Vec<_> = failure.places.iter().map(|it| it.path.as_str()).collect();
    let mut paths_once = paths.clone();
    paths_once.dedup();
    Finding {
        key: FindingKey {
            rule: failure.rule.replace('_', "-"),
            stack: stack.to_owned(),
            resource: failure.resource.clone(),
            path: paths_once.join(", "),
        },
        severity: text.severity,
        title: text.title.clone(),
        found: found(&failure.places, text.shows_values),
        why: text.why.clone(),
        right: text.right.clone(),
    }
}

fn found(places: &[FailedPlace], shows_values: bool) -> String {
    let said: Vec<_> = places
        .iter()
        .map(|place| match &place.stands {
            Stands::Nothing => format!("{} is not set", place.path),
            Stands::Scalar(value) if shows_values => {
                format!("{} is {}", place.path, shortened(value))
            }
            Stands::Scalar(_) => format!("{} is written out", place.path),
            Stands::Other => format!("{} is not as it should be", place.path),
        })
        .collect();
    match said.split_last() {
        None => "The rule could not be decided".to_owned(),
        Some((only, [])) => only.clone(),
        Some((last, others)) => format!("{}, and {last}", others.join(", ")),
    }
}

fn shortened(value: &str) -> String {
    match value.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}

fn not_evaluated(stack: &str, file: &str, why: &str) -> Finding {
    let which = match file {
        "" => "The guardrails".to_owned(),
        file => format!("The guardrails of {file}"),
    };
    Finding {
        key: FindingKey {
            rule: NOT_EVALUATED.to_owned(),
            stack: stack.to_owned(),
            resource: String::new(),
            path: file.to_owned(),
        },
        severity: Severity::Block,
        title: "Guardrails can be evaluated".to_owned(),
        found: format!("{which} could not be evaluated over this stack: {}", shortened(why)),
        why: "Nobody knows what they would have found.".to_owned(),
        right: "Make the template smaller or plainer; a platform engineer can look up the rest in the log.".to_owned(),
    }
}
