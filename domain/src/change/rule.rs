//! Approval rules: whose approvals a change asks for, and whether those given are enough.
use super::{ChangeKind, Reviewed, Severity};
use crate::access::Verdict;
use crate::names::{Digest, Subject, TeamName};
use crate::person::Grant;
use crate::stage::Stage;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// People whose approval a rule can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    /// The approvers of the change's team for its stage.
    Approver,
    /// Those who set Gatehouse up.
    Platform,
    /// Those who review access across teams.
    Security,
}

impl Group {
    /// Every group.
    pub const ALL: [Group; 3] = [Group::Approver, Group::Platform, Group::Security];

    /// The word used in the configuration and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Group::Approver => "approver",
            Group::Platform => "platform",
            Group::Security => "security",
        }
    }

    /// The groups that these grants make somebody a member of, for a change of this team at this stage.
    pub fn of(grants: &[Grant], team: &TeamName, stage: Stage) -> BTreeSet<Group> {
        let group = |grant: &Grant| match grant {
            Grant::Approver { team: of, stages } if of == team && stages.contains(&stage) => {
                Some(Group::Approver)
            }
            Grant::Platform => Some(Group::Platform),
            Grant::Security => Some(Group::Security),
            _ => None,
        };
        grants.iter().filter_map(group).collect()
    }

    /// So many of its members, in words: `2 approvers of payments`.
    pub fn words(self, count: u8, team: &TeamName) -> String {
        match (self, count) {
            (Group::Approver, 1) => format!("one approver of {team}"),
            (Group::Approver, _) => format!("{count} approvers of {team}"),
            (other, 1) => format!("one of {}", other.as_str()),
            (other, _) => format!("{count} of {}", other.as_str()),
        }
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a rule looks at in what a plan does to access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccessIs {
    /// Somebody may gain access: widened, changed or undecided.
    Widened,
    /// Nobody gains any.
    NotWidened,
}

/// What a rule looks at in what guardrails say of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingsAre {
    /// A finding that would stop it is covered by a waiver.
    Waived,
    /// None is.
    NotWaived,
}

/// One rule. It speaks of the changes that meet everything it looks at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// What people call it.
    pub name: String,
    /// The stages that it speaks of.
    pub stages: Vec<Stage>,
    /// The kinds of change that it speaks of; empty for all.
    pub kinds: Vec<ChangeKind>,
    /// What it speaks of by access; none for all.
    pub access: Option<AccessIs>,
    /// What it speaks of by findings; none for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub findings: Option<FindingsAre>,
    /// How many approvals it asks of each group; none asks for nobody's.
    pub asks: BTreeMap<Group, u8>,
}

/// What rules look at in a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case {
    /// Where.
    pub stage: Stage,
    /// What for.
    pub kind: ChangeKind,
    /// What its plan does to access.
    pub access: Verdict,
    /// Whether a finding that would stop it is covered by a waiver.
    pub waived: bool,
}

impl Case {
    /// The case that a plan is.
    pub fn of(reviewed: &Reviewed) -> Case {
        Case {
            stage: reviewed.stage,
            kind: reviewed.kind,
            access: reviewed.access.verdict,
            waived: reviewed.findings.iter().any(|reviewed| {
                reviewed.finding.severity == Severity::Block && reviewed.waiver.is_some()
            }),
        }
    }
}

impl Rule {
    /// Whether it speaks of such a change.
    pub fn applies(&self, case: Case) -> bool {
        let access = match self.access {
            None => true,
            Some(AccessIs::Widened) => case.access.may_widen(),
            Some(AccessIs::NotWidened) => !case.access.may_widen(),
        };
        let findings = match self.findings {
            None => true,
            Some(FindingsAre::Waived) => case.waived,
            Some(FindingsAre::NotWaived) => !case.waived,
        };
        access
            && findings
            && self.stages.contains(&case.stage)
            && (self.kinds.is_empty() || self.kinds.contains(&case.kind))
    }
}

/// The rules in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules(pub Vec<Rule>);

impl Rules {
    /// What Gatehouse asks for where nothing else is configured: dev and feature environments deploy by themselves as
    /// long as nobody gains access and nothing is taken down; staging takes an approver; prod and recovery an approver
    /// and one of platform, and one of security too when access is widened or a finding is waived.
    pub fn shipped() -> Rules {
        let kept: Vec<ChangeKind> = ChangeKind::ALL
            .into_iter()
            .filter(|kind| *kind != ChangeKind::Decommission)
            .collect();
        let early = [Stage::Dev, Stage::Feature];
        let late = [Stage::Prod, Stage::Recovery];
        let rule = |name: &str, stages: &[Stage], asks: &[Group]| Rule {
            name: name.to_owned(),
            stages: stages.to_vec(),
            kinds: Vec::new(),
            access: None,
            findings: None,
            asks: asks.iter().map(|group| (*group, 1)).collect(),
        };
        Rules(vec![
            Rule {
                kinds: kept,
                access: Some(AccessIs::NotWidened),
                ..rule("dev deploys by itself", &early, &[])
            },
            Rule {
                access: Some(AccessIs::Widened),
                ..rule("dev, access widened", &early, &[Group::Approver])
            },
            Rule {
                kinds: vec![ChangeKind::Decommission],
                ..rule("dev, taken down", &early, &[Group::Approver])
            },
            rule("staging", &[Stage::Staging], &[Group::Approver]),
            rule("prod", &late, &[Group::Approver, Group::Platform]),
            Rule {
                access: Some(AccessIs::Widened),
                ..rule("prod, access widened", &late, &[Group::Security])
            },
            Rule {
                findings: Some(FindingsAre::Waived),
                ..rule("prod, finding waived", &late, &[Group::Security])
            },
        ])
    }

    /// What these rules ask for. A change that no rule speaks of is not let through: it takes an approver and one of
    /// platform.
    pub fn ask(&self, case: Case) -> Asked {
        let mut asked = Asked::default();
        for rule in self.0.iter().filter(|rule| rule.applies(case)) {
            asked.rules.push(rule.name.clone());
            for (group, count) in &rule.asks {
                let most = asked.of.entry(*group).or_default();
                *most = (*most).max(*count);
            }
        }
        if asked.rules.is_empty() {
            asked.of = [(Group::Approver, 1), (Group::Platform, 1)].into();
        }
        asked.of.retain(|_, count| *count > 0);
        asked
    }
}

/// What the rules ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Names of the rules that speak of the change, in their order; none when no rule does.
    pub rules: Vec<String>,
    /// Approvals by group, the most that any of the rules asks for.
    pub of: BTreeMap<Group, u8>,
}

/// An approval that was given and has not been withdrawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Who gave it.
    pub by: Subject,
    /// What they approved.
    pub digest: Digest,
    /// The groups they were a member of.
    pub groups: BTreeSet<Group>,
}

/// An approval that is asked for, and who gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Of which group.
    pub group: Group,
    /// Who fills it.
    pub by: Option<Subject>,
}

/// How far the approvals of a digest go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    digest: Digest,
    places: Vec<Place>,
}

/// Proof that a digest has every approval that its rules ask for. Only counting gives one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Met {
    digest: Digest,
}

impl Met {
    /// The digest that is approved.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }
}

impl Asked {
    /// Counts the approvals of a digest. The requester's own never counts, and nobody counts twice: somebody in two
    /// groups fills one place, the one that leaves the fewest open.
    pub fn count(&self, digest: &Digest, requester: &Subject, approvals: &[Approval]) -> Count {
        let places: Vec<Group> = self
            .of
            .iter()
            .flat_map(|(group, count)| std::iter::repeat_n(*group, usize::from(*count)))
            .collect();
        let mut people: Vec<&Approval> = Vec::new();
        for approval in approvals {
            let seen = people.iter().any(|person| person.by == approval.by);
            if approval.digest == *digest && approval.by != *requester && !seen {
                people.push(approval);
            }
        }
        let mut taken: Vec<Option<usize>> = vec![None; places.len()];
        for person in 0..people.len() {
            seat(person, &people, &places, &mut taken, &mut BTreeSet::new());
        }
        let filled = taken
            .iter()
            .map(|seat| seat.and_then(|person| people.get(person)));
        Count {
            digest: digest.clone(),
            places: places
                .iter()
                .zip(filled)
                .map(|(group, person)| Place {
                    group: *group,
                    by: person.map(|approval| approval.by.clone()),
                })
                .collect(),
        }
    }
}

/// Why one approval more is of no use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoUse {
    /// This person's approval of the digest is there.
    Given,
    /// It fills no place, with how far the others go.
    FillsNoPlace(Count),
}

impl Asked {
    /// Counts the approvals that stand together with one more, which has to fill a place. Where every place is filled
    /// without it, as after rules that ask for less now, any brings the change on.
    ///
    /// # Errors
    /// Why it is of no use.
    pub fn count_with(
        &self,
        requester: &Subject,
        standing: &[Approval],
        more: Approval,
    ) -> Result<Count, NoUse> {
        let digest = more.digest.clone();
        let given = |approval: &Approval| approval.by == more.by && approval.digest == digest;
        if standing.iter().any(given) {
            return Err(NoUse::Given);
        }
        let before = self.count(&digest, requester, standing);
        let mut approvals = standing.to_vec();
        approvals.push(more);
        let after = self.count(&digest, requester, &approvals);
        if before.open() > 0 && after.open() == before.open() {
            return Err(NoUse::FillsNoPlace(before));
        }
        Ok(after)
    }
}

impl Asked {
    /// What is asked for in words: `one approver of payments and one of platform`.
    pub fn words(&self, team: &TeamName) -> String {
        let each: Vec<String> = self
            .of
            .iter()
            .map(|(group, count)| group.words(*count, team))
            .collect();
        match each.split_last() {
            None => "nobody's approval".to_owned(),
            Some((last, [])) => last.clone(),
            Some((last, others)) => format!("{} and {last}", others.join(", ")),
        }
    }
}

/// Finds a place for a person, moving others to places that they can fill as well (augmenting paths in a bipartite
/// graph: Kuhn, "The Hungarian Method for the Assignment Problem", 1955). Earlier people keep a place once they have one.
fn seat(
    person: usize,
    people: &[&Approval],
    places: &[Group],
    taken: &mut [Option<usize>],
    tried: &mut BTreeSet<usize>,
) -> bool {
    for (place, group) in places.iter().enumerate() {
        let fits = people
            .get(person)
            .is_some_and(|approval| approval.groups.contains(group));
        if !fits || !tried.insert(place) {
            continue;
        }
        let free = match taken.get(place).copied().flatten() {
            None => true,
            Some(other) => seat(other, people, places, taken, tried),
        };
        if free {
            if let Some(seat) = taken.get_mut(place) {
                *seat = Some(person);
            }
            return true;
        }
    }
    false
}

impl Count {
    /// What was approved.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// Every approval that is asked for.
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// How many approvals are still missing.
    pub fn open(&self) -> usize {
        let open = self.places.iter().filter(|place| place.by.is_none());
        open.count()
    }

    /// The groups of which an approval is still missing.
    pub fn missing(&self) -> BTreeSet<Group> {
        let open = self.places.iter().filter(|place| place.by.is_none());
        open.map(|place| place.group).collect()
    }

    /// The proof, when nothing is missing.
    pub fn met(&self) -> Option<Met> {
        (self.open() == 0).then(|| Met {
            digest: self.digest.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(letter: char) -> Digest {
        letter.to_string().repeat(64).parse().unwrap()
    }

    fn subject(name: &str) -> Subject {
        name.parse().unwrap()
    }

    fn approval(by: &str, groups: &[Group]) -> Approval {
        Approval {
            by: subject(by),
            digest: digest('a'),
            groups: groups.iter().copied().collect(),
        }
    }

    fn case(stage: Stage, kind: ChangeKind, access: Verdict) -> Case {
        Case {
            stage,
            kind,
            access,
            waived: false,
        }
    }

    fn asked(of: &[(Group, u8)]) -> Asked {
        Asked {
            rules: vec!["a rule".to_owned()],
            of: of.iter().copied().collect(),
        }
    }

    #[test]
    fn the_shipped_rules_ask_for_more_the_later_the_stage() {
        use Group::{Approver, Platform, Security};
        use Verdict::{Narrowed, Undecided, Widened};
        let expected: [(Stage, ChangeKind, Verdict, &[Group]); 10] = [
            (Stage::Dev, ChangeKind::Update, Narrowed, &[]),
            (Stage::Dev, ChangeKind::Update, Undecided, &[Approver]),
            (Stage::Dev, ChangeKind::Decommission, Narrowed, &[Approver]),
            (Stage::Feature, ChangeKind::Provision, Widened, &[Approver]),
            (Stage::Staging, ChangeKind::Update, Narrowed, &[Approver]),
            (Stage::Staging, ChangeKind::Provision, Widened, &[Approver]),
            (
                Stage::Prod,
                ChangeKind::Update,
                Narrowed,
                &[Approver, Platform],
            ),
            (
                Stage::Prod,
                ChangeKind::Update,
                Undecided,
                &[Approver, Platform, Security],
            ),
            (
                Stage::Prod,
                ChangeKind::Decommission,
                Narrowed,
                &[Approver, Platform],
            ),
            (
                Stage::Recovery,
                ChangeKind::Provision,
                Widened,
                &[Approver, Platform, Security],
            ),
        ];
        for (stage, kind, access, groups) in expected {
            let asked = Rules::shipped().ask(case(stage, kind, access));
            assert_eq!(
                asked.of.keys().copied().collect::<Vec<_>>(),
                groups,
                "{stage} {kind} {access:?}"
            );
            assert!(!asked.rules.is_empty());
        }
    }

    #[test]
    fn a_waived_finding_at_prod_asks_for_security_too() {
        let waived = |stage| Case {
            waived: true,
            ..case(stage, ChangeKind::Update, Verdict::Narrowed)
        };
        let asked = |case| Rules::shipped().ask(case).of;
        assert!(asked(waived(Stage::Prod)).contains_key(&Group::Security));
        assert!(!asked(waived(Stage::Staging)).contains_key(&Group::Security));
        let rule = |findings| Rule {
            findings: Some(findings),
            ..Rules::shipped().0.remove(4)
        };
        for (findings, speaks) in [(FindingsAre::Waived, true), (FindingsAre::NotWaived, false)] {
            assert_eq!(rule(findings).applies(waived(Stage::Prod)), speaks);
            let case = case(Stage::Prod, ChangeKind::Update, Verdict::Narrowed);
            assert_eq!(rule(findings).applies(case), !speaks);
        }
    }

    #[test]
    fn every_change_is_spoken_of_by_the_shipped_rules() {
        for stage in Stage::ALL {
            for kind in ChangeKind::ALL {
                for access in [Verdict::Equivalent, Verdict::Widened] {
                    let asked = Rules::shipped().ask(case(stage, kind, access));
                    assert!(!asked.rules.is_empty(), "{stage} {kind} {access:?}");
                }
            }
        }
    }

    #[test]
    fn what_no_rule_speaks_of_is_not_let_through() {
        let asked = Rules(Vec::new()).ask(case(Stage::Dev, ChangeKind::Update, Verdict::Narrowed));
        assert_eq!(asked.of.len(), 2);
        let count = asked.count(&digest('a'), &subject("ann"), &[]);
        assert_eq!(count.met(), None);
    }

    #[test]
    fn nobody_counts_twice_and_the_requester_never() {
        use Group::{Approver, Platform, Security};
        let asked = asked(&[(Approver, 1), (Platform, 1)]);
        let count = |approvals: &[Approval]| asked.count(&digest('a'), &subject("ann"), approvals);
        assert_eq!(
            count(&[]).missing(),
            [Approver, Platform].into_iter().collect()
        );
        let both = approval("bea", &[Approver, Platform]);
        assert_eq!(count(&[both.clone(), both.clone()]).missing().len(), 1);
        assert_eq!(
            count(&[approval("ann", &[Approver, Platform])])
                .missing()
                .len(),
            2
        );
        assert_eq!(count(&[approval("cem", &[Security])]).missing().len(), 2);
        // Whoever can stand in two places moves over for somebody who can't.
        for approvals in [
            [both.clone(), approval("cem", &[Approver])],
            [approval("cem", &[Platform]), both],
        ] {
            let counted = count(&approvals);
            assert_eq!(counted.missing().len(), 0, "{counted:?}");
            assert_eq!(counted.met().unwrap().digest(), &digest('a'));
        }
    }

    #[test]
    fn one_more_has_to_fill_a_place_as_long_as_one_is_open() {
        use Group::{Approver, Platform, Security};
        let ann = subject("ann");
        let bea = approval("bea", &[Approver]);
        let both = asked(&[(Approver, 1), (Platform, 1)]);
        let after = both.count_with(&ann, &[], bea.clone()).unwrap();
        assert_eq!(after.missing(), [Platform].into());
        let given = [bea.clone()];
        assert_eq!(
            both.count_with(&ann, &given, bea.clone()),
            Err(NoUse::Given)
        );
        for useless in [
            approval("cem", &[Approver, Security]),
            approval("ann", &[Platform]),
        ] {
            let refused = both.count_with(&ann, &given, useless).unwrap_err();
            assert!(
                matches!(refused, NoUse::FillsNoPlace(count) if count.missing() == [Platform].into())
            );
        }
        // The rules have come to ask for nobody's while it waited.
        let nobody = asked(&[]);
        let after = nobody
            .count_with(&ann, &[], approval("cem", &[Security]))
            .unwrap();
        assert!(after.met().is_some());
        // What somebody said of an earlier digest is no approval of this one.
        let earlier = Approval {
            digest: digest('b'),
            ..bea.clone()
        };
        assert!(both.count_with(&ann, &[earlier], bea).is_ok());
    }

    #[test]
    fn an_approval_of_another_digest_does_not_count() {
        let asked = asked(&[(Group::Approver, 1)]);
        let given = [approval("bea", &[Group::Approver])];
        let met = |digest: &Digest| asked.count(digest, &subject("ann"), &given).met();
        assert!(met(&digest('a')).is_some());
        assert_eq!(met(&digest('b')), None);
    }

    #[test]
    fn several_rules_ask_for_the_most_that_one_asks_for() {
        let rule = |name: &str, asks: &[(Group, u8)]| Rule {
            name: name.to_owned(),
            stages: vec![Stage::Prod],
            kinds: Vec::new(),
            access: None,
            findings: None,
            asks: asks.iter().copied().collect(),
        };
        let rules = Rules(vec![
            rule("one", &[(Group::Approver, 2)]),
            rule("two", &[(Group::Approver, 1), (Group::Security, 1)]),
        ]);
        let asked = rules.ask(case(Stage::Prod, ChangeKind::Update, Verdict::Equivalent));
        assert_eq!(
            asked.of,
            [(Group::Approver, 2), (Group::Security, 1)].into()
        );
        assert_eq!(asked.rules, ["one", "two"]);
        let words = asked.words(&"payments".parse().unwrap());
        assert_eq!(words, "2 approvers of payments and one of security");
        assert_eq!(
            asked
                .count(&digest('a'), &subject("ann"), &[])
                .places()
                .len(),
            3
        );
    }
}
