//! The rules: files in AWS's Guard language. What people are told of a rule stands in the comment above it.
use domain::change::Severity;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A file of rules.
pub(super) struct RuleFile {
    /// In `server/policies/guardrails`.
    pub name: &'static str,
    /// In Guard.
    pub source: &'static str,
}

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        [$(RuleFile {
            name: $name,
            source: include_str!(concat!("../../policies/guardrails/", $name)),
        }),*]
    };
}

pub(super) const FILES: [RuleFile; 10] = files![
    "availability.guard",
    "dead_letters.guard",
    "encryption.guard",
    "identities.guard",
    "logs.guard",
    "protection.guard",
    "public.guard",
    "secrets.guard",
    "tags.guard",
    "transit.guard",
];

/// What people are told of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RuleText {
    pub title: String,
    pub severity: Severity,
    pub why: String,
    pub right: String,
    /// Whether values that it found may be shown; those of secrets may not.
    pub shows_values: bool,
}

/// A comment that does not say what it has to.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {message}")]
pub(super) struct BadRule {
    file: String,
    line: usize,
    message: String,
}

/// What is told of every rule, by its name as it stands in its file.
pub(super) static TEXTS: LazyLock<BTreeMap<String, RuleText>> = LazyLock::new(|| {
    let mut all = BTreeMap::new();
    for file in &FILES {
        match read(file.name, file.source) {
            Ok(texts) => all.extend(texts),
            // A test sees to it that no build has one; a rule without words is told as it is called.
            Err(error) => tracing::error!(%error, "a guardrail can't be told"),
        }
    }
    all
});

/// The words above the rules of a file: `# key: value`, a value going on in the next line where that is indented.
///
/// # Errors
/// When a rule says too little, or something that is not known.
pub(super) fn read(file: &str, source: &str) -> Result<Vec<(String, RuleText)>, BadRule> {
    let mut texts = Vec::new();
    let mut said: BTreeMap<String, String> = BTreeMap::new();
    let mut last = String::new();
    for (index, line) in source.lines().enumerate() {
        let bad = |message: String| BadRule {
            file: file.to_owned(),
            line: index + 1,
            message,
        };
        if let Some(rest) = line.strip_prefix("rule ") {
            let name: String = rest
                .chars()
                .take_while(|it| it.is_ascii_alphanumeric() || *it == '_')
                .collect();
            let text = text(std::mem::take(&mut said))
                .map_err(|message| bad(format!("rule {name}: {message}")))?;
            texts.push((name, text));
        } else if let Some(more) = line.strip_prefix("#   ") {
            if let Some(value) = said.get_mut(&last) {
                value.push(' ');
                value.push_str(more.trim());
            }
        } else if let Some((key, value)) =
            line.strip_prefix("# ").and_then(|it| it.split_once(": "))
        {
            last = key.to_owned();
            said.insert(last.clone(), value.trim().to_owned());
        } else {
            said.clear();
        }
    }
    Ok(texts)
}

fn text(mut said: BTreeMap<String, String>) -> Result<RuleText, String> {
    let mut take = |key: &str| {
        said.remove(key)
            .ok_or_else(|| format!("the comment above it has no “{key}”"))
    };
    let severity = take("severity")?;
    let text = RuleText {
        title: take("title")?,
        severity: Severity::ALL
            .into_iter()
            .find(|it| it.as_str() == severity)
            .ok_or_else(|| format!("“{severity}” is no severity; write block, warn or info"))?,
        why: take("why")?,
        right: take("right")?,
        shows_values: said.remove("values").as_deref() != Some("hidden"),
    };
    match said.keys().next() {
        Some(key) => Err(format!("“{key}” is not known here")),
        None => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "# About\n\n# title: Queues are encrypted\n# severity: warn\n# why: Because of\n#   this.\n# right: That.\nrule a_rule when %x {\n";

    #[test]
    fn the_comment_above_a_rule_is_read() {
        let texts = read("a.guard", GOOD).unwrap();
        let (name, text) = &texts[0];
        assert_eq!(name, "a_rule");
        assert_eq!(text.why, "Because of this.");
        assert_eq!(text.severity, Severity::Warn);
        assert!(text.shows_values);
    }

    #[test]
    fn a_rule_that_says_too_little_is_named_with_its_line() {
        for (from, to, words) in [
            (
                "severity: warn",
                "severity: bad",
                "a.guard:8: rule a_rule: “bad” is no severity; write block, warn or info",
            ),
            (
                "# right: That.\n",
                "",
                "a.guard:7: rule a_rule: the comment above it has no “right”",
            ),
            (
                "# right: That.\n",
                "# right: That.\n# colour: red\n",
                "a.guard:9: rule a_rule: “colour” is not known here",
            ),
        ] {
            let error = read("a.guard", &GOOD.replace(from, to)).unwrap_err();
            assert_eq!(error.to_string(), words);
        }
    }

    #[test]
    fn every_rule_has_its_words_and_a_name_of_its_own() {
        let mut names = std::collections::BTreeSet::new();
        for file in &FILES {
            let texts = read(file.name, file.source).unwrap();
            assert!(!texts.is_empty(), "{}", file.name);
            for (name, _) in texts {
                assert!(names.insert(name.clone()), "{name} is there twice");
            }
        }
    }
}
