//! Network Firewall: rule groups, policies and firewalls. Their rules are compared in order: a change that
//! only takes passes away or adds drops lets nothing new through; what any other change does depends on the
//! other rule groups of the policy and on the engine, so it is undecided.
//! Source: AWS Network Firewall Developer Guide, "Evaluation order".
use super::compare::{Gains, TOO_MANY_RULES};
use super::rule::text;
use crate::access::{Line, RuleText};
use crate::template::{Entries, Value};
use std::collections::BTreeSet;

/// How many rules a comparison takes before it ends undecided.
const MAX_RULES: usize = 2_000;

/// Properties that filter nothing.
const SILENT: [&str; 8] = [
    "Capacity",
    "DeleteProtection",
    "EnabledAnalysisTypes",
    "FirewallName",
    "FirewallPolicyChangeProtection",
    "FirewallPolicyName",
    "RuleGroupName",
    "SubnetChangeProtection",
];

/// A resource of Network Firewall, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Firewall {
    /// In the order of evaluation.
    rules: Vec<Step>,
    /// Everything else that counts: it must stay the same for rules to be comparable.
    rest: Vec<(String, String)>,
}

/// One rule or default action.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Step {
    effect: Effect,
    text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Effect {
    Drop,
    /// It decides nothing.
    Neutral,
    /// Nobody knows.
    Any,
    Pass,
}

impl Effect {
    fn of(action: &str) -> Effect {
        let lower = action.to_ascii_lowercase();
        if lower.contains("pass") {
            Effect::Pass
        } else if lower.contains("drop") || lower.contains("reject") {
            Effect::Drop
        } else if lower == "alert" {
            Effect::Neutral
        } else {
            Effect::Any
        }
    }

    fn word(self) -> &'static str {
        match self {
            Effect::Drop => "deny",
            Effect::Neutral | Effect::Any => "-",
            Effect::Pass => "allow",
        }
    }
}

/// Reads a rule group, a firewall policy, a firewall, or what ties them together.
pub(super) fn firewall(properties: &Entries) -> Firewall {
    let mut firewall = Firewall::default();
    for (key, value) in properties {
        if !SILENT.contains(&key.as_str()) {
            firewall.take(key, value);
        }
    }
    firewall
}

impl Firewall {
    // As deep as the template's nesting, which parsing bounds.
    fn take(&mut self, key: &str, value: &Value) {
        match (key, value) {
            ("RulesString", Value::String(lines)) => {
                for line in lines.lines().map(str::trim) {
                    let action = line.split_whitespace().next().unwrap_or_default();
                    if !line.is_empty() && !line.starts_with('#') {
                        self.rules.push(Step {
                            effect: Effect::of(action),
                            text: line.to_owned(),
                        });
                    }
                }
            }
            ("StatefulRules", Value::List(rules)) => {
                for rule in rules {
                    let action = match rule {
                        Value::Map(rule) => rule.get("Action").and_then(Value::scalar_text),
                        _ => None,
                    };
                    self.rules.push(Step {
                        effect: action.map_or(Effect::Any, Effect::of),
                        text: text(rule),
                    });
                }
            }
            ("StatelessRules", Value::List(rules)) => {
                let mut rules: Vec<&Value> = rules.iter().collect();
                rules.sort_by_key(|rule| match rule {
                    Value::Map(rule) => rule
                        .get("Priority")
                        .and_then(Value::scalar_text)
                        .and_then(|text| text.parse::<i64>().ok()),
                    _ => None,
                });
                for rule in rules {
                    let definition = match rule {
                        Value::Map(rule) => {
                            rule.get("RuleDefinition").unwrap_or(&Value::Bool(true))
                        }
                        other => other,
                    };
                    self.rules.push(stateless(definition));
                }
            }
            (_, Value::Map(entries)) => {
                for (key, value) in entries {
                    self.take(key, value);
                }
            }
            (key, value) => self.rest.push((key.to_owned(), text(value))),
        }
    }

    /// The rules, as the pages show them.
    pub fn lines(&self, source: &str) -> Vec<Line> {
        let rules = self
            .rules
            .iter()
            .map(|step| (step.effect, step.text.clone()));
        let rest = self
            .rest
            .iter()
            .map(|(key, text)| (Effect::Neutral, format!("{key} {text}")));
        rules
            .chain(rest)
            .map(|(effect, text)| Line {
                source: source.to_owned(),
                place: "firewall".to_owned(),
                effect: match effect {
                    Effect::Drop => "Deny",
                    Effect::Neutral | Effect::Any => "-",
                    Effect::Pass => "Allow",
                }
                .to_owned(),
                resource: text,
                ..Line::default()
            })
            .collect()
    }

    /// The same, as machines read them.
    pub fn rule_texts(&self, source: &str) -> Vec<RuleText> {
        self.rules
            .iter()
            .map(|step| RuleText {
                source: source.to_owned(),
                group: source.to_owned(),
                direction: "firewall".to_owned(),
                protocol: "all".to_owned(),
                ports: "all".to_owned(),
                peer: step.text.clone(),
                effect: step.effect.word().to_owned(),
            })
            .collect()
    }
}

fn stateless(definition: &Value) -> Step {
    let actions: Vec<&str> = match definition {
        Value::Map(definition) => match definition.get("Actions") {
            Some(Value::List(actions)) => actions.iter().filter_map(Value::scalar_text).collect(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    let effect = if actions.contains(&"aws:drop") {
        Effect::Drop
    } else if actions.contains(&"aws:pass") {
        Effect::Pass
    } else {
        // Handing on to the stateful rules may keep out what a later rule lets pass, and let pass what it drops.
        Effect::Any
    };
    Step {
        effect,
        text: text(definition),
    }
}

/// What a new state lets through and an old one does not.
pub(super) fn gains(new: Option<&Firewall>, old: Option<&Firewall>) -> Gains {
    let mut gains = Gains::default();
    let (new, old) = match (new, old) {
        (Some(new), Some(old)) => (new, old),
        // A filter that comes lets nothing new through; one that goes may.
        (Some(_), None) | (None, None) => return gains,
        (None, Some(_)) => {
            gains.add_open(
                "a firewall, or a part of one, goes, and what it kept out may pass".to_owned(),
            );
            return gains;
        }
    };
    if new == old {
        return gains;
    }
    if new.rest != old.rest {
        let keys: BTreeSet<&str> = new
            .rest
            .iter()
            .filter(|part| !old.rest.contains(part))
            .chain(old.rest.iter().filter(|part| !new.rest.contains(part)))
            .map(|(key, _)| key.as_str())
            .collect();
        let keys: Vec<&str> = keys.into_iter().collect();
        gains.add_open(format!(
            "what a change of {} lets through depends on the firewall's other rules",
            keys.join(", ")
        ));
        return gains;
    }
    if new.rules.len() + old.rules.len() > MAX_RULES {
        gains.add_open(TOO_MANY_RULES.to_owned());
        return gains;
    }
    let kept: BTreeSet<&Step> = new
        .rules
        .iter()
        .filter(|step| old.rules.contains(step))
        .collect();
    let order = |rules: &'_ [Step]| -> Vec<Step> {
        rules
            .iter()
            .filter(|step| kept.contains(step))
            .cloned()
            .collect()
    };
    if order(&new.rules) != order(&old.rules) {
        gains.add_open("the order of the firewall's rules differs".to_owned());
    }
    for step in new.rules.iter().filter(|step| !kept.contains(step)) {
        if matches!(step.effect, Effect::Pass | Effect::Any) {
            gains.add_open(format!("the firewall may now let through: {}", step.text));
        }
    }
    for step in old.rules.iter().filter(|step| !kept.contains(step)) {
        if matches!(step.effect, Effect::Drop | Effect::Any) {
            gains.add_open(format!("the firewall no longer keeps out: {}", step.text));
        }
    }
    gains
}

/// What only the old state let through: nothing certain is known, so where anything differs it is open.
pub(super) fn losses(new: Option<&Firewall>, old: Option<&Firewall>) -> Gains {
    let mut losses = Gains::default();
    if new != old {
        losses.add_open("what the firewall let through before may be kept out".to_owned());
    }
    losses
}
