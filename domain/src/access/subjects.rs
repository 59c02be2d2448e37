//! What an environment's templates say about access, read once and compared.
use super::AccessReview;
use super::iam::collect::Collected;
use super::iam::review::{Stack, review as review_iam};
use super::network::{Network, review as review_network};
use crate::template::Resolved;
use std::collections::{BTreeMap, BTreeSet};

/// The version of these rules. It stands in every plan's digest: when they change, so do digests.
pub const RULE_VERSION: u32 = 2;

/// Who may do what and who may reach what in one template, or in the several of an environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// By what stands before the names of their subjects.
    stacks: BTreeMap<String, Collected>,
    network: Network,
}

impl Access {
    /// Reads a resolved template. When two templates are to be compared, what they call by the same name and define
    /// differently must have been told apart (`template::tell_apart`).
    pub fn read(resolved: &Resolved) -> Access {
        let (collected, network) =
            rayon::join(|| Collected::read(resolved), || Network::read(resolved));
        Access {
            stacks: BTreeMap::from([(String::new(), collected)]),
            network,
        }
    }

    /// Takes in a stack of the same environment by its name in the manifest: names of a companion's subjects begin
    /// with its own.
    pub fn add_stack(&mut self, name: &str, other: Access) {
        match name {
            "main" => self.merge("", other),
            companion => self.merge(&format!("{companion}/"), other),
        }
    }

    /// Takes in another stack of the same environment. `prefix` stands before the names of its subjects, since two
    /// templates may use the same names; no two stacks of an environment have the same, and a stack has the same
    /// before and after.
    pub fn merge(&mut self, prefix: &str, other: Access) {
        for (inner, collected) in other.stacks {
            self.stacks.insert(format!("{prefix}{inner}"), collected);
        }
        self.network.merge(prefix, other.network);
    }
}

/// What a change does to access. Where nothing stands before or after, compare with `Access::default()`.
pub fn review(before: &Access, after: &Access) -> AccessReview {
    let none = Collected::default();
    let prefixes: BTreeSet<&String> = before.stacks.keys().chain(after.stacks.keys()).collect();
    let stacks = prefixes.into_iter().map(|prefix| {
        Stack::new(
            prefix,
            before.stacks.get(prefix).unwrap_or(&none),
            after.stacks.get(prefix).unwrap_or(&none),
        )
    });
    let (iam, network) = rayon::join(
        || review_iam(stacks),
        || review_network(&before.network, &after.network),
    );
    AccessReview::new(iam, network)
}
