//! What the two commands are given on the command line.
use clap::{Args, ValueEnum};
use domain::access::Verdict;
use domain::access::iam::DocumentKind;
use domain::names::{AccountId, Region};
use domain::template::Context;
use std::path::PathBuf;

/// What `gatehouse diff` compares.
#[derive(Debug, Args)]
pub struct Diff {
    /// The template before: a CloudFormation file in JSON or YAML; - for none.
    pub(super) old: Document,
    /// The template after: a CloudFormation file in JSON or YAML; - for none.
    pub(super) new: Document,
    /// Parameter values for OLD: a map, the AWS CLI's list, or either under Parameters. What has neither a value nor a
    /// default stays unknown.
    #[arg(long, value_name = "FILE")]
    pub(super) old_parameters: Option<PathBuf>,
    /// Parameter values for NEW.
    #[arg(long, value_name = "FILE")]
    pub(super) new_parameters: Option<PathBuf>,
    /// The account that the stack stands in, twelve digits; unknown unless given.
    #[arg(long)]
    account: Option<AccountId>,
    /// The region that the stack stands in; unknown unless given, and then in the partition aws.
    #[arg(long)]
    region: Option<Region>,
    #[command(flatten)]
    pub(super) output: Output,
}

/// What `gatehouse policy-diff` compares.
#[derive(Debug, Args)]
pub struct PolicyDiff {
    /// The policy before: an IAM policy document in JSON; - for none.
    pub(super) old: Document,
    /// The policy after: an IAM policy document in JSON; - for none.
    pub(super) new: Document,
    /// Whose policy it is.
    #[arg(long, value_enum)]
    pub(super) kind: PolicyKind,
    #[command(flatten)]
    pub(super) output: Output,
}

/// How an answer is given.
#[derive(Debug, Args)]
pub(super) struct Output {
    /// Text for people, or JSON for machines.
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
    /// Exit with 1 when the verdict is this or could be; may be given more than once.
    #[arg(long, value_enum, value_name = "VERDICT")]
    fail_on: Vec<FailOn>,
}

impl Output {
    pub(super) fn is_met(&self, verdicts: impl IntoIterator<Item = Verdict>) -> bool {
        verdicts
            .into_iter()
            .any(|verdict| self.fail_on.iter().any(|wanted| wanted.is_met(verdict)))
    }
}

impl Diff {
    /// What is known of where the stack stands.
    pub(super) fn place(&self) -> Context {
        let context = Context {
            account_id: self.account.as_ref().map(|id| id.as_str().to_owned()),
            ..Context::unknown()
        };
        match &self.region {
            Some(region) => context.in_region(region.as_str()),
            None => context,
        }
    }
}

/// A file, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Document {
    None,
    File(PathBuf),
}

impl From<std::ffi::OsString> for Document {
    fn from(written: std::ffi::OsString) -> Self {
        if written == "-" {
            Document::None
        } else {
            Document::File(written.into())
        }
    }
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum Format {
    /// Sentences, for people.
    #[default]
    Text,
    /// One object, for machines.
    Json,
}

/// Whose policy is compared.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum PolicyKind {
    /// A role's, user's or group's: what it may do.
    Identity,
    /// A resource's: who may do what with it.
    Resource,
    /// A role's trust policy: who may take it on.
    Trust,
}

impl From<PolicyKind> for DocumentKind {
    fn from(kind: PolicyKind) -> Self {
        match kind {
            PolicyKind::Identity => DocumentKind::Identity,
            PolicyKind::Resource => DocumentKind::Resource,
            PolicyKind::Trust => DocumentKind::Trust,
        }
    }
}

/// Which verdicts make the command fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    /// Something new is allowed, or may be: widened, changed, undecided.
    Widened,
    /// Something is no longer allowed, or may not be: narrowed, changed, undecided.
    Narrowed,
    /// Some new and some no longer, or maybe: changed, undecided.
    Changed,
    /// It could not be decided.
    Undecided,
}

impl FailOn {
    fn is_met(self, verdict: Verdict) -> bool {
        match self {
            FailOn::Widened => verdict.may_widen(),
            FailOn::Narrowed => matches!(
                verdict,
                Verdict::Narrowed | Verdict::Changed | Verdict::Undecided
            ),
            FailOn::Changed => matches!(verdict, Verdict::Changed | Verdict::Undecided),
            FailOn::Undecided => verdict == Verdict::Undecided,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct CommandLine {
        #[command(flatten)]
        diff: Diff,
    }

    fn read(arguments: &[&str]) -> Diff {
        CommandLine::try_parse_from([&["diff"], arguments].concat())
            .unwrap()
            .diff
    }

    #[test]
    fn a_hyphen_is_no_file() {
        let diff = read(&["-", "new.yaml"]);
        assert_eq!(diff.old, Document::None);
        assert_eq!(diff.new, Document::File("new.yaml".into()));
    }

    #[test]
    fn what_is_not_said_of_the_place_is_unknown() {
        assert_eq!(read(&["-", "-"]).place(), Context::unknown());
        let place = read(&["-", "-", "--region", "cn-north-1"]).place();
        assert_eq!(place.partition, "aws-cn");
        assert_eq!(place.account_id, None);
    }

    #[test]
    fn each_verdict_meets_what_it_could_be() {
        let all = [
            Verdict::Equivalent,
            Verdict::Narrowed,
            Verdict::Undecided,
            Verdict::Changed,
            Verdict::Widened,
        ];
        let met = |written: &str| {
            let diff = read(&["-", "-", "--fail-on", written]);
            all.map(|verdict| diff.output.is_met([verdict]))
        };
        assert_eq!(met("widened"), [false, false, true, true, true]);
        assert_eq!(met("narrowed"), [false, true, true, true, false]);
        assert_eq!(met("changed"), [false, false, true, true, false]);
        assert_eq!(met("undecided"), [false, false, true, false, false]);
        let never = read(&["-", "-"]);
        assert!(!never.output.is_met(all));
    }
}
