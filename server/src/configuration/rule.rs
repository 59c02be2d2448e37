//! `[[rule]]`: how many approvals of which groups a change asks for.
use super::section::{At, Mistake, Section};
use domain::change::{AccessIs, ChangeKind, FindingsAre, Group, Rule, Rules};
use domain::stage::Stage;
use std::collections::BTreeMap;
use toml::de::DeTable;

/// More approvals of one group than any place has people who read what they approve.
const MOST_OF_A_GROUP: u32 = 10;

/// The rules of the file, or those that Gatehouse ships when it has none.
pub(super) fn read_rules(
    source: &str,
    tables: Vec<At<&DeTable<'_>>>,
    mistakes: &mut Vec<Mistake>,
) -> Rules {
    if tables.is_empty() {
        return Rules::shipped();
    }
    let mut rules: Vec<Rule> = Vec::new();
    for table in tables {
        let section = Section::new(source, "[[rule]]", table.line, table.value, mistakes);
        let rule = read_rule(section, &rules);
        rules.extend(rule);
    }
    Rules(rules)
}

fn read_rule(mut section: Section<'_, '_>, others: &[Rule]) -> Option<Rule> {
    let name = section.text("name", "\"prod\"");
    let stages = section.list::<Stage>("stages", "[\"prod\"]");
    let kinds = section.list_if_any::<ChangeKind>("kinds", "[\"update\"]");
    let access = section.text_if_any("access", "\"widened\"");
    let findings = section.text_if_any("findings", "\"waived\"");
    let mut asks = BTreeMap::new();
    for (group, key) in [
        (Group::Approver, "approvers"),
        (Group::Platform, "platform"),
        (Group::Security, "security"),
    ] {
        match section.count_if_any(key, 1) {
            Some(At { line, value }) if value > MOST_OF_A_GROUP => section.mistake(
                line,
                format!(
                    "{key} = {value} is more than can be asked for; write at most {MOST_OF_A_GROUP}"
                ),
            ),
            Some(At { value, .. }) => {
                // At most ten.
                asks.insert(group, u8::try_from(value).unwrap_or(u8::MAX));
            }
            None => {}
        }
    }
    let access = access.and_then(|access| match access.value.as_str() {
        "widened" => Some(AccessIs::Widened),
        "not-widened" => Some(AccessIs::NotWidened),
        other => {
            section.mistake(
                access.line,
                format!(
                    "access: “{other}” is nothing that a rule looks at; write access = \"widened\" or access = \
                     \"not-widened\", or leave it out for both"
                ),
            );
            None
        }
    });
    let findings = findings.and_then(|findings| match findings.value.as_str() {
        "waived" => Some(FindingsAre::Waived),
        "not-waived" => Some(FindingsAre::NotWaived),
        other => {
            section.mistake(
                findings.line,
                format!(
                    "findings: “{other}” is nothing that a rule looks at; write findings = \"waived\" or findings = \
                     \"not-waived\", or leave it out for both"
                ),
            );
            None
        }
    });
    let taken = name
        .as_ref()
        .filter(|name| others.iter().any(|other| other.name == name.value));
    if let Some(name) = taken {
        let message = format!(
            "there are two rules named “{}”; give each its own name",
            name.value
        );
        section.mistake(name.line, message);
    }
    section.finish();
    Some(Rule {
        name: name?.value,
        stages: stages?.value,
        kinds: kinds.map(|kinds| kinds.value).unwrap_or_default(),
        access,
        findings,
        asks,
    })
}
