//! Who a person is to Gatehouse: what their sign-in grants.
use crate::names::{SessionId, Subject, TeamName};
use crate::stage::Stage;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One thing that a sign-in grants.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "role", rename_all = "lowercase")]
pub enum Grant {
    /// Asks for environments and changes of one team.
    Developer {
        /// The team.
        team: TeamName,
    },
    /// Approves changes of one team at the named stages.
    Approver {
        /// The team.
        team: TeamName,
        /// The stages.
        stages: Vec<Stage>,
    },
    /// Reviews access across teams.
    Security,
    /// Sets Gatehouse up.
    Platform,
    /// Reads everything, changes nothing.
    Auditor,
}

impl Grant {
    /// The grant in the words that the pages use, for example `approver · payments (staging, prod)`.
    pub fn words(&self) -> String {
        match self {
            Grant::Developer { team } => format!("developer · {team}"),
            Grant::Approver { team, stages } => {
                let stages: Vec<_> = stages.iter().map(|stage| stage.as_str()).collect();
                format!("approver · {team} ({})", stages.join(", "))
            }
            Grant::Security => "security".to_owned(),
            Grant::Platform => "platform".to_owned(),
            Grant::Auditor => "auditor".to_owned(),
        }
    }
}

/// A signed-in person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Principal {
    /// Their subject at the identity provider.
    pub subject: Subject,
    /// What to call them.
    pub name: String,
    /// The session they act in.
    pub session: SessionId,
    /// What their sign-in granted, sorted.
    pub grants: Vec<Grant>,
    /// When they proved who they are; none where the identity provider does not say.
    pub authenticated_at: Option<DateTime<Utc>>,
}

impl Principal {
    /// The teams they may ask for environments for, sorted.
    pub fn develops_for(&self) -> Vec<&TeamName> {
        self.grants
            .iter()
            .filter_map(|grant| match grant {
                Grant::Developer { team } => Some(team),
                _ => None,
            })
            .collect()
    }

    /// The teams whose services they may see; `None` means every team.
    pub fn sees(&self) -> Option<Vec<&TeamName>> {
        let across =
            |grant: &Grant| matches!(grant, Grant::Security | Grant::Platform | Grant::Auditor);
        if self.grants.iter().any(across) {
            return None;
        }
        let mut teams: Vec<_> = self
            .grants
            .iter()
            .filter_map(|grant| match grant {
                Grant::Developer { team } | Grant::Approver { team, .. } => Some(team),
                _ => None,
            })
            .collect();
        teams.sort();
        teams.dedup();
        Some(teams)
    }
}
