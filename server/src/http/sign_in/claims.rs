//! What an ID token says beyond the standard claims.
use openidconnect::AdditionalClaims;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Every claim that OpenID Connect Core does not name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct OtherClaims {
    #[serde(flatten)]
    all: BTreeMap<String, Value>,
}

impl AdditionalClaims for OtherClaims {}

/// Why a token's groups can't be known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NoGroups {
    /// There were too many to send.
    Overage,
    /// The claim is neither a text nor a list of texts.
    Malformed,
}

impl OtherClaims {
    /// The values of the configured claim; none where it is not there.
    ///
    /// Entra ID leaves the claim out when a person is in too many groups, and says so: `_claim_names`
    /// names it, or `hasgroups` is there (Microsoft identity platform, "Groups overage claim").
    pub(super) fn groups(&self, claim: &str) -> Result<Vec<String>, NoGroups> {
        let elsewhere = self
            .all
            .get("_claim_names")
            .is_some_and(|names| names.get(claim).is_some());
        let left_out = match self.all.get("hasgroups") {
            Some(Value::Bool(has)) => *has,
            Some(Value::String(has)) => has != "false",
            _ => false,
        };
        if elsewhere || left_out {
            return Err(NoGroups::Overage);
        }
        match self.all.get(claim) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::String(value)) => Ok(vec![value.clone()]),
            Some(Value::Array(values)) => values
                .iter()
                .map(|value| value.as_str().map(str::to_owned))
                .collect::<Option<_>>()
                .ok_or(NoGroups::Malformed),
            Some(_) => Err(NoGroups::Malformed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn groups(claims: Value) -> Result<Vec<String>, NoGroups> {
        let claims: OtherClaims = serde_json::from_value(claims).unwrap();
        claims.groups("groups")
    }

    #[test]
    fn a_list_or_a_single_text_will_do() {
        assert_eq!(
            groups(json!({ "groups": ["a", "b"] })),
            Ok(vec!["a".into(), "b".into()])
        );
        assert_eq!(groups(json!({ "groups": "a" })), Ok(vec!["a".into()]));
        assert_eq!(groups(json!({ "roles": ["a"] })), Ok(vec![]));
    }

    #[test]
    fn what_can_t_be_known_is_not_guessed() {
        for overage in [
            json!({ "_claim_names": { "groups": "src1" }, "_claim_sources": {} }),
            json!({ "_claim_names": { "groups": "src1" }, "groups": ["a"] }),
            json!({ "hasgroups": true }),
            json!({ "hasgroups": "true" }),
        ] {
            assert_eq!(groups(overage), Err(NoGroups::Overage));
        }
        assert_eq!(
            groups(json!({ "_claim_names": { "address": "src1" } })),
            Ok(vec![])
        );
        assert_eq!(
            groups(json!({ "groups": ["a", 1] })),
            Err(NoGroups::Malformed)
        );
        assert_eq!(
            groups(json!({ "groups": { "a": true } })),
            Err(NoGroups::Malformed)
        );
    }
}
