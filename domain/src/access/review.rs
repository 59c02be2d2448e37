//! What a change does to access, as reviewers and machines are told. Plain data: the browser reads
//! it, plans keep it, and `gatehouse diff --format json` prints it.
use super::Verdict;
use serde::{Deserialize, Serialize};

/// Who may do what and who may reach what: before against after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessReview {
    /// The worst of both.
    #[serde(default = "not_judged")]
    pub verdict: Verdict,
    /// Who may do what.
    #[serde(default)]
    pub iam: IamReview,
    /// Who may reach what.
    #[serde(default)]
    pub network: NetworkReview,
}

/// A review kept before access was judged says nothing, which counts as a gain.
fn not_judged() -> Verdict {
    Verdict::Undecided
}

impl AccessReview {
    /// Both parts, and the worst of them.
    pub fn new(iam: IamReview, network: NetworkReview) -> AccessReview {
        AccessReview {
            verdict: iam.verdict.max(network.verdict),
            iam,
            network,
        }
    }
}

/// What comes and goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delta<T> {
    /// Only after the change, sorted.
    pub added: Vec<T>,
    /// Only before the change, sorted.
    pub removed: Vec<T>,
}

impl<T> Default for Delta<T> {
    fn default() -> Self {
        Delta {
            added: Vec::new(),
            removed: Vec::new(),
        }
    }
}

impl<T> Delta<T> {
    /// Whether nothing comes or goes.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }
}

/// Who may do what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IamReview {
    /// The worst of the subjects.
    pub verdict: Verdict,
    /// Statements of all policies of the template.
    pub statements: Delta<StatementText>,
    /// Which managed policies are attached to whom.
    pub managed_policies: Delta<Attachment>,
    /// Permissions boundaries that come, go or become others.
    pub boundaries: Vec<BoundaryChange>,
    /// Every identity and resource whose policies differ, worst first, then by id.
    pub subjects: Vec<SubjectReview>,
}

/// One statement as it stands, with what only the deployment knows as `${Id}` or `${Id.Attr}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementText {
    /// Logical id of the resource that it stands in, a slash, and the place there:
    /// `OrdersRole/policy orders-read`, `OrdersRole/trust`, `OrdersTable/resource policy`.
    pub source: String,
    /// `Allow` or `Deny`, or what stands there instead.
    pub effect: String,
    /// Whom it is for; empty in the policy of an identity. Each as `AWS:…`, `Service:…`, `Federated:…`,
    /// `CanonicalUser:…`, or `*`.
    pub principals: Names,
    /// Actions.
    pub actions: Names,
    /// Resources; empty in a trust policy.
    pub resources: Names,
    /// The condition block, if any.
    pub condition: Option<serde_json::Value>,
}

/// A list of names, or all but these.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Names {
    /// Whether all but these are meant.
    pub not: bool,
    /// Sorted, each once.
    pub values: Vec<String>,
}

/// A managed policy at an identity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Attachment {
    /// Logical id of the role, user or group.
    pub subject: String,
    /// ARN, or `${Id}` of a policy of the template.
    pub policy: String,
}

/// A permissions boundary that differs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BoundaryChange {
    /// Logical id of the role or user.
    pub subject: String,
    /// ARN, or `${Id}` of a policy of the template.
    pub before: Option<String>,
    /// ARN, or `${Id}` of a policy of the template.
    pub after: Option<String>,
}

/// One identity or resource, before against after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubjectReview {
    /// Logical id, or the name or ARN of something outside the template.
    pub id: String,
    /// Resource type, such as `AWS::IAM::Role`.
    pub kind: String,
    /// Which of its policies is judged.
    pub aspect: Aspect,
    /// In one word.
    pub verdict: Verdict,
    /// Is something allowed after the change that was not before?
    pub new_access: Option<bool>,
    /// Is something no longer allowed that was before?
    pub lost_access: Option<bool>,
    /// What is gained, a sentence each.
    pub gained: Vec<String>,
    /// What is lost, a sentence each.
    pub lost: Vec<String>,
    /// A request that is allowed after the change and was not before.
    pub witness: Option<Witness>,
    /// Why something could not be decided, or what is wrong with a policy, with its path.
    pub reasons: Vec<String>,
    /// Known ways to more access that are gained.
    pub escalations: Vec<Escalation>,
    /// The statements, attachments and boundaries that did it.
    pub lines: Lines,
}

/// Which policy of a subject is judged.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    /// What the identity itself may do.
    #[default]
    Identity,
    /// Who may take on the role.
    Trust,
    /// What the resource's own policy lets others do with it, and forbids them.
    Resource,
}

/// A concrete request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witness {
    /// Such as `s3:PutObject`.
    pub action: String,
    /// An ARN; with `${Id.Attr}` where only the deployment knows.
    pub resource: String,
    /// Who asks: an ARN, a service, `anonymous`, or the logical id of the identity.
    pub principal: String,
    /// Condition keys with their values; keys that are absent from the request are left out.
    pub context: std::collections::BTreeMap<String, Vec<String>>,
}

/// A known way from one permission to others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Escalation {
    /// Short and stable, such as `pass-role-to-lambda`.
    pub name: String,
    /// What it lets someone do, in words.
    pub words: String,
}

/// The lines behind a verdict.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lines {
    /// Only after the change.
    pub added: Vec<Line>,
    /// Only before the change.
    pub removed: Vec<Line>,
    /// On both sides.
    pub unchanged: Vec<Line>,
}

/// One statement, attachment or rule, in the columns that the pages show.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Line {
    /// Logical id of the resource of the template that it stands in; empty where it stands in none.
    pub source: String,
    /// Where it stands: `trust`, `policy orders-read`, `managed policy`, `boundary`, `ingress`, `egress`, …
    pub place: String,
    /// `Allow`, `Deny`, or `-` where the line is no statement.
    pub effect: String,
    /// Principals, where the statement names some.
    pub principal: String,
    /// Actions, or protocol and ports.
    pub action: String,
    /// Resources, or the source or destination of a rule.
    pub resource: String,
    /// Conditions as compact JSON, or empty.
    pub condition: String,
}

/// Who may reach what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkReview {
    /// The worst of the groups.
    pub verdict: Verdict,
    /// Rules of security groups, network ACLs, routes and firewalls.
    pub rules: Delta<RuleText>,
    /// Every security group and every other subject of reachability that differs, worst first, then by id.
    pub groups: Vec<GroupReview>,
    /// Every path between groups and outside networks, kept, gained or lost: the drawing.
    pub paths: Vec<Path>,
}

/// One rule as it stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RuleText {
    /// Logical id of the resource that it stands in.
    pub source: String,
    /// Logical id of the security group, network ACL or route table it is about.
    pub group: String,
    /// `ingress` or `egress`; `route` for routes.
    pub direction: String,
    /// `tcp`, `udp`, `icmp`, `all`, or a number.
    pub protocol: String,
    /// `443`, `1024-65535`, `all`; ICMP: type and code.
    pub ports: String,
    /// An address range, a prefix list, a group.
    pub peer: String,
    /// `allow`, or `deny` in a network ACL.
    pub effect: String,
}

/// One security group, or another resource whose reachability differs, before against after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupReview {
    /// Logical id, or the id of something outside the template.
    pub id: String,
    /// Resource type, such as `AWS::EC2::SecurityGroup`.
    pub kind: String,
    /// In one word.
    pub verdict: Verdict,
    /// Is there a packet let through after the change that was not before?
    pub new_access: Option<bool>,
    /// Is there a packet no longer let through that was before?
    pub lost_access: Option<bool>,
    /// What is gained, a sentence each: `the internet (0.0.0.0/0) can now reach TCP 22 on Bastion`.
    pub gained: Vec<String>,
    /// What is lost, a sentence each.
    pub lost: Vec<String>,
    /// A packet let through after the change and not before.
    pub witness: Option<PacketWitness>,
    /// Why something could not be decided, or what is wrong with a rule, with its path.
    pub reasons: Vec<String>,
    /// Whether the gain opens something to the internet.
    pub internet: bool,
    /// The rules that did it.
    pub lines: Lines,
}

/// A concrete packet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PacketWitness {
    /// `ingress` or `egress`.
    pub direction: String,
    /// `tcp`, `udp`, `icmp`, or a number.
    pub protocol: String,
    /// Port, or ICMP type and code; none where the protocol has none.
    pub port: Option<String>,
    /// An address, or a group or prefix list by name.
    pub peer: String,
}

/// Traffic that one end may open to another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Path {
    /// A group's logical id, or an address range, prefix list or group outside the template; `internet` for
    /// all addresses.
    pub from: String,
    /// The same.
    pub to: String,
    /// `TCP 443`, `all traffic`.
    pub traffic: String,
    /// Whether it stays, comes or goes.
    pub state: PathState,
}

/// Whether a path stays, comes or goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PathState {
    /// There before and after.
    Kept,
    /// Only after.
    Gained,
    /// Only before.
    Lost,
}
