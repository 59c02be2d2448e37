//! From a blueprint and a team's values to the templates that an environment is given: for the plan, and for pages that
//! look ahead. Nothing is asked of AWS or the database here.
use domain::access::Access;
use domain::blueprint::{Asked, Manifest, Rendered, render};
use domain::template::limits::{self, Delivery};
use domain::template::{Context, Resolved, Template, parse, resolve, tell_apart};
use std::collections::BTreeMap;

/// A stack to be deployed, rendered and checked.
pub(crate) struct Wanted {
    pub(crate) rendered: Rendered,
    /// Its template as it is given to CloudFormation.
    pub(crate) source: String,
    pub(crate) read: Read,
}

/// A template with what it comes to.
pub(crate) struct Read {
    pub(crate) template: Template,
    pub(crate) context: Context,
    pub(crate) resolved: Resolved,
}

impl Read {
    /// A template with its parameters put in.
    ///
    /// # Errors
    /// What is wrong with it, a line each.
    pub(crate) fn new(template: Template, context: Context) -> Result<Read, String> {
        let resolved = resolve(&template, &context).map_err(|errors| {
            let words: Vec<_> = errors.iter().map(ToString::to_string).collect();
            words.join("\n")
        })?;
        limits::check_resolved(&resolved).map_err(|errors| over_limit(&template.file, errors))?;
        Ok(Read {
            template,
            context,
            resolved,
        })
    }

    /// What it grants and opens, put so that it can be compared with what `before` does.
    pub(crate) fn access_after(&self, before: Option<&Read>) -> Access {
        let mut resolved = self.resolved.clone();
        if let Some(before) = before {
            tell_apart(
                (&before.template, &before.context, &before.resolved),
                (&self.template, &self.context, &mut resolved),
            );
        }
        Access::read(&resolved)
    }
}

/// Every stack of a blueprint, rendered and checked.
///
/// # Errors
/// What is wrong, and what would be right.
pub(crate) fn wanted(
    manifest: &Manifest,
    files: &BTreeMap<String, String>,
    asked: &Asked<'_>,
) -> Result<Vec<Wanted>, String> {
    let mut all = Vec::new();
    for stack in &manifest.stacks {
        let file = &stack.template;
        let source = files.get(file).ok_or_else(|| {
            format!(
                "Blueprint {} {} names the template {file}, which it does not hold.",
                manifest.name, manifest.version
            )
        })?;
        let template = parse(file, source).map_err(|error| error.to_string())?;
        limits::check(&template, Delivery::Bucket).map_err(|errors| over_limit(file, errors))?;
        let declared: Vec<String> = template.parameters.keys().cloned().collect();
        let rendered =
            render(manifest, stack, &declared, asked).map_err(|error| error.to_string())?;
        let context = Context {
            parameters: rendered.parameters.clone(),
            ..Context::new(
                asked.account.id.as_str(),
                rendered.region.as_str(),
                rendered.stack_name.as_str(),
            )
        };
        all.push(Wanted {
            rendered,
            source: source.clone(),
            read: Read::new(template, context)?,
        });
    }
    Ok(all)
}

fn over_limit(file: &str, errors: Vec<limits::LimitError>) -> String {
    let words: Vec<_> = errors
        .iter()
        .map(|error| format!("{file}: {error}"))
        .collect();
    words.join("\n")
}
