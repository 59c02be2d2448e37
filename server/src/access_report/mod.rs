//! The commands `diff` and `policy-diff`: what a change of a template or of a policy does to access, for people and
//! for machines. Only files are read here; neither database nor AWS, and nothing is judged here.

mod arguments;
mod input;
mod json;
mod parameters;
mod policy;
mod text;

pub use arguments::{Diff, PolicyDiff};
pub use input::Unusable;

use arguments::{Document, Format};
use domain::access::{Access, AccessReview, Verdict, review};
use domain::characters;
use domain::template::{Context, Resolved, Template, parse, resolve, tell_apart};
use policy::PolicyReport;
use std::io::Write as _;
use std::process::ExitCode;

/// What stops a script: `--fail-on` is met.
const MET: u8 = 1;
/// The input is of no use.
const UNUSABLE: u8 = 2;

/// Compares two templates and prints what it finds.
pub fn diff(arguments: &Diff) -> ExitCode {
    ended(compare(arguments).map(|found| {
        let report = match arguments.output.format {
            Format::Text => text::review(&found, text::colours()),
            Format::Json => json::pretty(&found),
        };
        (report, arguments.output.is_met(verdicts(&found)))
    }))
}

/// Compares two policy documents and prints what it finds.
pub fn policy_diff(arguments: &PolicyDiff) -> ExitCode {
    ended(policy::compare(arguments).map(|found: PolicyReport| {
        let report = match arguments.output.format {
            Format::Text => text::policy(&found, text::colours()),
            Format::Json => json::pretty(&found),
        };
        (report, arguments.output.is_met([found.verdict]))
    }))
}

/// The verdict of the whole and of each part: the worst of them may hide another.
fn verdicts(found: &AccessReview) -> impl Iterator<Item = Verdict> + '_ {
    let subjects = found.iam.subjects.iter().map(|subject| subject.verdict);
    let groups = found.network.groups.iter().map(|group| group.verdict);
    [found.verdict].into_iter().chain(subjects).chain(groups)
}

/// Prints, and says how the process ends.
fn ended(outcome: Result<(String, bool), Unusable>) -> ExitCode {
    let printed = outcome.and_then(|(report, met)| {
        let mut out = std::io::stdout().lock();
        match out.write_all(report.as_bytes()).and_then(|()| out.flush()) {
            Ok(()) => Ok(met),
            // Who closes the pipe has read enough; the answer is still the exit status.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(met),
            Err(error) => Err(Unusable::Output(error)),
        }
    });
    match printed {
        Ok(false) => ExitCode::SUCCESS,
        Ok(true) => ExitCode::from(MET),
        Err(unusable) => {
            // Nothing more can be said where standard error is closed too.
            let _ = writeln!(
                std::io::stderr(),
                "{}",
                characters::plain(&unusable.to_string())
            );
            ExitCode::from(UNUSABLE)
        }
    }
}

/// A template with what it comes to.
struct Side {
    template: Template,
    context: Context,
    resolved: Resolved,
}

fn compare(arguments: &Diff) -> Result<AccessReview, Unusable> {
    let old_values = parameters::old(arguments.old_parameters.as_deref())?;
    let new_values = parameters::new(arguments.new_parameters.as_deref(), &old_values)?;
    let (before, after) = rayon::join(
        || side(&arguments.old, &old_values, arguments),
        || side(&arguments.new, &new_values, arguments),
    );
    let (before, mut after) = (before?, after?);
    if let (Some(before), Some(after)) = (&before, &mut after) {
        tell_apart(
            (&before.template, &before.context, &before.resolved),
            (&after.template, &after.context, &mut after.resolved),
        );
    }
    let access =
        |side: Option<Side>| side.map_or_else(Access::default, |side| Access::read(&side.resolved));
    let (before, after) = rayon::join(|| access(before), || access(after));
    Ok(review(&before, &after))
}

fn side(
    document: &Document,
    values: &parameters::Values,
    arguments: &Diff,
) -> Result<Option<Side>, Unusable> {
    let Document::File(path) = document else {
        values.refuse_any()?;
        return Ok(None);
    };
    let file = path.display().to_string();
    let template = parse(&file, &input::read(path)?)?;
    let context = Context {
        parameters: values.of(&template)?,
        ..arguments.place()
    };
    let resolved = resolve(&template, &context)?;
    Ok(Some(Side {
        template,
        context,
        resolved,
    }))
}
