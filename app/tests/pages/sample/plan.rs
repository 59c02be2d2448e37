//! A plan with something of every sort in it.
use super::Sample;
use app::api::views::*;
use domain::access::{
    AccessReview, Aspect, Attachment, BoundaryChange, Delta, Escalation, GroupReview, IamReview,
    Line, Lines, Names, NetworkReview, PacketWitness, Path, PathState, RuleText, StatementText,
    SubjectReview, Verdict, Witness,
};
use domain::change::ResourceRemoval;
use domain::stack::{Replacement, ResourceAction, ResourceChange};

const VERDICTS: [Verdict; 5] = [
    Verdict::Widened,
    Verdict::Changed,
    Verdict::Undecided,
    Verdict::Narrowed,
    Verdict::Equivalent,
];

impl Sample {
    /// Of an update, or of a decommission.
    pub(super) fn plan(&self, deletes: bool) -> PlanView {
        let names = ["main", "web-acl", "second", "third", "fourth"];
        let stacks = names.map(|name| self.stack(name, deletes));
        PlanView {
            stacks: self.some(stacks.to_vec()),
            findings: self.findings(),
            access: AccessReview::new(self.identities(), self.network()),
            compared_with: self.t("what version 1.0.0 was vetted with at dev"),
            whole: (!deletes)
                .then(|| Box::new(AccessReview::new(self.identities(), self.network()))),
            changed_since_approval: self.some(vec![self.t("LogRetentionDays is 30, not 14")]),
        }
    }

    fn stack(&self, name: &str, deletes: bool) -> StackView {
        let parameter = |name: &str, before: Option<&str>, after: Option<&str>| ParameterChange {
            name: self.t(name),
            before: before.map(|it| self.t(it)),
            after: after.map(|it| self.t(it)),
        };
        StackView {
            name: name.to_owned(),
            stack_name: self.t("payments-checkout-dev"),
            destination: self.t("1111 1111 1111 · eu-west-1"),
            operation: if deletes { "deletes" } else { "updates" }.to_owned(),
            groups: self.some(self.groups()),
            removals: if deletes { self.removals() } else { vec![] },
            parameters: self.some(vec![
                parameter("LogRetentionDays", Some("14"), Some("30")),
                parameter(
                    "AlarmEmail",
                    Some("ops@example.test"),
                    Some("ops@example.test"),
                ),
                parameter("Trace", None, Some("")),
                parameter("Old", Some("x"), None),
            ]),
            template_lines: Some(80),
            shows: [self.t("Role 1"), self.t("Group 1")].into(),
            counts: if deletes { [0; 4] } else { [1, 1, 1, 0] },
        }
    }

    fn groups(&self) -> Vec<ResourceGroup> {
        let actions = [
            (ResourceAction::Add, Replacement::No),
            (ResourceAction::Modify, Replacement::No),
            (ResourceAction::Modify, Replacement::Conditional),
            (ResourceAction::Modify, Replacement::Yes),
            (ResourceAction::Remove, Replacement::No),
            (ResourceAction::Import, Replacement::No),
            (ResourceAction::Dynamic, Replacement::No),
        ];
        let changes = actions.map(|(action, replacement)| ResourceChange {
            action,
            logical_id: self.t("CustomersTable"),
            physical_id: Some(self.t("payments-customers")),
            resource_type: self.t("AWS::DynamoDB::GlobalTable"),
            replacement,
            changed: vec![self.t("Policies"), self.t("Tags")],
            policy_action: Some(self.t("Retain")),
        });
        let group = |title: &str, folded| ResourceGroup {
            title: self.t(title),
            changes: changes.to_vec(),
            folded,
        };
        vec![group("Access", false), group("Tags only", true)]
    }

    fn removals(&self) -> Vec<ResourceRemoval> {
        let removal = |policy: &str, loses_data| ResourceRemoval {
            logical_id: self.t("Bus"),
            physical_id: self.t("payments-checkout-dev-bus"),
            resource_type: self.t("AWS::Events::EventBus"),
            deletion_policy: policy.to_owned(),
            loses_data,
        };
        self.some(vec![
            removal("Delete", false),
            removal("Delete", true),
            removal("Retain", false),
            removal("Snapshot", false),
        ])
    }

    fn line(&self, source: &str) -> Line {
        Line {
            source: self.t(source),
            place: self.t("policy orders"),
            effect: self.t("Allow"),
            principal: self.t("AWS:111111111111"),
            action: self.t("s3:PutObject"),
            resource: self.t("arn:aws:s3:::orders/*"),
            condition: self.t("{\"Bool\":{\"aws:SecureTransport\":\"true\"}}"),
        }
    }

    fn lines(&self, source: &str) -> Lines {
        Lines {
            added: vec![self.line(source)],
            removed: vec![self.line(source)],
            unchanged: vec![self.line(source)],
        }
    }

    pub(super) fn identities(&self) -> IamReview {
        let aspects = [Aspect::Identity, Aspect::Trust, Aspect::Resource];
        let subjects: Vec<_> = (0..30)
            .map(|index| {
                let verdict = VERDICTS[index / 6];
                self.subject(index, aspects[index % 3], verdict)
            })
            .collect();
        let statement = StatementText {
            source: self.t("Other/policy"),
            effect: self.t("Allow"),
            principals: self.names(),
            actions: self.names(),
            resources: self.names(),
            condition: Some(serde_json::json!({ self.t("Bool"): self.t("true") })),
        };
        let attachment = Attachment {
            subject: self.t("Other"),
            policy: self.t("arn:aws:iam::aws:policy/ReadOnlyAccess"),
        };
        let boundary = BoundaryChange {
            subject: self.t("Other"),
            before: Some(self.t("arn:aws:iam::111111111111:policy/boundary")),
            after: None,
        };
        IamReview {
            verdict: Verdict::Widened,
            statements: self.delta(statement),
            managed_policies: self.delta(attachment),
            boundaries: self.some(vec![boundary]),
            subjects: self.some(subjects),
        }
    }

    fn names(&self) -> Names {
        Names {
            not: true,
            values: vec![self.t("one"), self.t("two")],
        }
    }

    fn delta<T: Clone>(&self, it: T) -> Delta<T> {
        Delta {
            added: self.some(vec![it.clone()]),
            removed: self.some(vec![it]),
        }
    }

    fn subject(&self, index: usize, aspect: Aspect, verdict: Verdict) -> SubjectReview {
        let id = format!("Role {index}");
        SubjectReview {
            id: self.t(&id),
            kind: self.t("AWS::IAM::Role"),
            aspect,
            verdict,
            new_access: Some(verdict.may_widen()),
            lost_access: Some(true),
            gained: vec![self.t("can now write"); if index == 0 { 14 } else { 1 }],
            lost: vec![self.t("can no longer read")],
            witness: Some(Witness {
                action: self.t("s3:PutObject"),
                resource: self.t("arn:aws:s3:::orders/*"),
                principal: self.t("Writer"),
                context: [(self.t("aws:SourceIp"), vec![self.t("203.0.113.7")])].into(),
            }),
            reasons: vec![self.t("the policy is not known")],
            escalations: vec![Escalation {
                name: self.t("pass-role-to-lambda"),
                words: self.t("can run code as any role"),
            }],
            lines: self.lines(&id),
        }
    }

    pub(super) fn network(&self) -> NetworkReview {
        let groups = (0..10).map(|index| {
            let id = format!("Group {index}");
            let verdict = VERDICTS[index / 2];
            GroupReview {
                id: self.t(&id),
                kind: self.t("AWS::EC2::SecurityGroup"),
                verdict,
                new_access: Some(verdict.may_widen()),
                lost_access: None,
                gained: vec![self.t("the internet can now reach TCP 22")],
                lost: vec![self.t("nobody can reach TCP 80")],
                witness: Some(PacketWitness {
                    direction: "ingress".to_owned(),
                    protocol: self.t("tcp"),
                    port: Some(self.t("22")),
                    peer: self.t("198.51.100.7"),
                }),
                reasons: vec![self.t("a prefix list is not known")],
                internet: true,
                lines: self.lines(&id),
            }
        });
        let rule = RuleText {
            source: self.t("Rule"),
            group: self.t("Elsewhere"),
            direction: self.t("ingress"),
            protocol: self.t("tcp"),
            ports: self.t("443"),
            peer: self.t("pl-1"),
            effect: self.t("allow"),
        };
        let path = |from: &str, to: &str, state| Path {
            from: self.t(from),
            to: self.t(to),
            traffic: self.t("TCP 443"),
            state,
        };
        NetworkReview {
            verdict: Verdict::Widened,
            groups: self.some(groups.collect()),
            rules: self.delta(rule),
            paths: self.some(vec![
                path("Web", "Api", PathState::Kept),
                path("10.0.0.0/8", "Web", PathState::Lost),
                path("internet", "Web", PathState::Gained),
            ]),
        }
    }
}
