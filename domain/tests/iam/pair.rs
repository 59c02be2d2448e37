//! What somebody holds before and after a change: drawn, and handed to the judge.
use crate::change;
use crate::draw::{self, Draw, Kind};
use crate::evaluator::{self, Bearing, Request};
use crate::unknown;
use domain::access::iam::{Boundary, Document, Held, Policy, Unwritten};
use serde_json::{Value, json};
use std::sync::Arc;

/// The policies that bear on one subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    pub kind: Kind,
    pub policies: Vec<Value>,
    /// Of an identity only.
    pub boundary: Option<Value>,
}

/// How many statements a policy has at most that a change brings whole.
const FEW: usize = 5;

/// Before and after a change.
#[derive(Clone, Debug)]
pub struct Pair {
    pub before: Holding,
    pub after: Holding,
    /// Whether the change leaves access as it is.
    pub rewriting: bool,
}

impl Pair {
    /// Two holdings of which one comes from the other as people change policies.
    pub fn drawn(draw: &mut Draw) -> Pair {
        let kind = match draw.below(4) {
            0 => Kind::Resource,
            1 => Kind::Trust,
            _ => Kind::Identity,
        };
        let one = Holding::drawn(draw, kind);
        let rewriting = draw.chance(25);
        let other = match rewriting {
            true => one.rewritten(draw),
            false => one.changed(draw),
        };
        let (before, after) = match draw.chance(50) {
            true => (one, other),
            false => (other, one),
        };
        Pair {
            before,
            after,
            rewriting,
        }
    }

    /// Two documents.
    pub fn of(kind: Kind, before: Value, after: Value) -> Pair {
        let holding = |document| Holding {
            kind,
            policies: vec![document],
            boundary: None,
        };
        Pair {
            before: holding(before),
            after: holding(after),
            rewriting: false,
        }
    }

    pub fn kind(&self) -> Kind {
        self.before.kind
    }
}

impl Holding {
    fn drawn(draw: &mut Draw, kind: Kind) -> Holding {
        let policies = if draw.chance(20) {
            2 + draw.below(2)
        } else {
            1
        };
        let bounded = kind == Kind::Identity && draw.chance(15);
        let most = draw::MOST_STATEMENTS / (policies + usize::from(bounded));
        Holding {
            kind,
            policies: (0..policies)
                .map(|_| draw::policy(draw, kind, most))
                .collect(),
            boundary: bounded.then(|| draw::policy(draw, kind, most)),
        }
    }

    /// Written otherwise, with the same meaning.
    fn rewritten(&self, draw: &mut Draw) -> Holding {
        let mut rewritten = self.clone();
        let policies = &mut rewritten.policies;
        match draw.below(6) {
            0 => move_statement(draw, policies),
            1 => policies.reverse(),
            2 => {
                let repeated = policies[draw.below(policies.len())].clone();
                policies.push(repeated);
            }
            3 => divide(draw, policies),
            _ => {}
        }
        let at = draw.below(policies.len());
        policies[at] = change::rewritten(draw, &policies[at]);
        if let Some(boundary) = &mut rewritten.boundary {
            *boundary = change::rewritten(draw, boundary);
        }
        rewritten
    }

    fn changed(&self, draw: &mut Draw) -> Holding {
        let mut changed = if draw.chance(30) {
            self.rewritten(draw)
        } else {
            self.clone()
        };
        if draw.chance(1) {
            changed.policies.clear();
            return changed;
        }
        let kind = self.kind;
        let at = draw.below(changed.policies.len());
        match draw.below(20) {
            0 if kind == Kind::Identity => {
                let boundary = draw::policy(draw, kind, FEW);
                changed.boundary = match changed.boundary {
                    Some(_) => None,
                    None => Some(boundary),
                };
            }
            1 if changed.policies.len() > 1 => {
                changed.policies.remove(at);
            }
            2 => changed.policies.push(draw::policy(draw, kind, FEW)),
            3 => changed.policies[at] = draw::policy(draw, kind, FEW),
            4..8 if changed.boundary.is_some() => {
                let boundary = changed.boundary.take();
                changed.boundary = boundary.map(|policy| change::changed(draw, &policy, kind));
            }
            _ => changed.policies[at] = change::changed(draw, &changed.policies[at], kind),
        }
        changed
    }

    /// As the judge takes it; marks of unknown texts become symbols.
    pub fn held(&self) -> Held {
        let policies = self.policies.iter().enumerate();
        let policies = policies
            .map(|(at, policy)| written(&format!("policy {at}"), policy))
            .collect();
        match self.kind {
            Kind::Identity => Held::Identity {
                policies,
                boundary: match &self.boundary {
                    Some(boundary) => Boundary::Is(vec![written("boundary", boundary)]),
                    None => Boundary::None,
                },
            },
            Kind::Trust => Held::Trust { policies },
            Kind::Resource => Held::Resource {
                policies,
                unwritten: Unwritten::Nothing,
            },
        }
    }

    /// Whether these policies allow the request; a resource's as what they grant.
    pub fn allows(&self, request: &Request) -> bool {
        let bearing = match self.kind {
            Kind::Identity => Bearing::Identity {
                policies: &self.policies,
                boundary: self.boundary.as_ref(),
            },
            Kind::Resource | Kind::Trust => Bearing::Grant(&self.policies),
        };
        evaluator::allows(bearing, request)
    }

    /// Whether a resource's policies leave the request to a caller whose own policies allow all.
    pub fn leaves(&self, request: &Request) -> bool {
        evaluator::allows(Bearing::Limit(&self.policies), request)
    }

    /// All documents.
    pub fn documents(&self) -> Vec<Value> {
        self.policies
            .iter()
            .chain(&self.boundary)
            .cloned()
            .collect()
    }

    /// The same with another text for each document.
    pub fn with_documents(&self, rewrite: impl Fn(&Value) -> Value) -> Holding {
        Holding {
            kind: self.kind,
            policies: self.policies.iter().map(&rewrite).collect(),
            boundary: self.boundary.as_ref().map(&rewrite),
        }
    }
}

fn written(place: &str, document: &Value) -> Arc<Policy> {
    Arc::new(Policy::Written(Document {
        source: "Subject".to_owned(),
        place: place.to_owned(),
        path: format!("Resources.Subject.{place}"),
        value: unknown::resolved(document),
    }))
}

/// A statement goes into another policy, whose version reads variables the same way.
fn move_statement(draw: &mut Draw, policies: &mut [Value]) {
    let from = draw.below(policies.len());
    let to = draw.below(policies.len());
    let mut left = change::statements(&policies[from]);
    if from == to || left.len() < 2 || policies[from]["Version"] != policies[to]["Version"] {
        return;
    }
    let moved = left.remove(draw.below(left.len()));
    let mut joined = change::statements(&policies[to]);
    joined.push(moved);
    policies[from] = change::with_statements(&policies[from], left);
    policies[to] = change::with_statements(&policies[to], joined);
}

/// One policy becomes two.
fn divide(draw: &mut Draw, policies: &mut Vec<Value>) {
    let at = draw.below(policies.len());
    let mut some = change::statements(&policies[at]);
    if some.len() < 2 {
        return;
    }
    let others = some.split_off(1 + draw.below(some.len() - 1));
    policies.push(json!({"Version": policies[at]["Version"], "Statement": others}));
    policies[at] = change::with_statements(&policies[at], some);
}
