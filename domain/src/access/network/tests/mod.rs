//! What changes of templates do to reachability, sentence by sentence, and against a plain evaluator.
mod groups;
mod open;
mod packets;
mod surroundings;
mod values;

use super::{Network, review};
use crate::access::{GroupReview, NetworkReview};
use crate::template::{Context, parse, resolve};

/// The network of a template; parameters without a value stay open.
fn network(source: &str) -> Network {
    let template = parse("template.yaml", source).unwrap();
    let context = Context::new("111111111111", "eu-west-1", "stack");
    Network::read(&resolve(&template, &context).unwrap())
}

fn reviewed(before: &str, after: &str) -> NetworkReview {
    let read = |source: &str| match source {
        "" => Network::default(),
        source => network(source),
    };
    review(&read(before), &read(after))
}

/// A template with these resources.
fn template(resources: &str) -> String {
    format!("Resources:\n  Topic: {{Type: AWS::SNS::Topic}}\n{resources}")
}

/// What happens to one subject.
fn of<'r>(review: &'r NetworkReview, id: &str) -> &'r GroupReview {
    review
        .groups
        .iter()
        .find(|group| group.id == id)
        .unwrap_or_else(|| panic!("no {id} in {review:#?}"))
}

fn change(before: &str, after: &str) -> NetworkReview {
    reviewed(&template(before), &template(after))
}
