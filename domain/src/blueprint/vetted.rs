//! What a version is vetted with at a stage: its templates with the stage's own defaults. A parameter that must be
//! given and has no default has no vetted value; it stays unknown, so that nothing passes for vetted that was not.
use super::render::{Filling, region_of};
use super::{Manifest, StackTemplate, defaults};
use crate::access::{Access, AccessReview, review};
use crate::account::Account;
use crate::stage::Stage;
use crate::template::{
    Context, Resolved, Template, TemplateError, limits, parse, resolve, tell_apart,
};
use std::collections::BTreeMap;

/// The values that a version is vetted with at a stage: what the form starts with. What must be given and has no
/// default is left out.
pub fn vetted_values(manifest: &Manifest, stage: Stage) -> BTreeMap<String, String> {
    let mut values = defaults(manifest, stage);
    values.retain(|name, value| {
        let required = manifest
            .parameters
            .get(name)
            .is_some_and(|parameter| parameter.required);
        !value.is_empty() || !required
    });
    values
}

/// The template with no default for a parameter that the manifest knows and that has no vetted value: what the
/// template itself would fall back to was never on show.
pub fn without_unvetted(
    mut template: Template,
    manifest: &Manifest,
    vetted: &BTreeMap<String, String>,
) -> Template {
    for (name, declared) in &mut template.parameters {
        let chosen = manifest.parameters.contains_key(name);
        let derived = manifest.derived.contains_key(name);
        if (chosen && !vetted.contains_key(name)) || derived {
            declared.default = None;
        }
    }
    template
}

/// Why the access of a version can't be shown, in words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotShown(String);

struct Stack {
    name: String,
    template: Template,
    context: Context,
    resolved: Resolved,
}

/// The stacks of a version at a stage, as they are vetted: for no team and no service yet, whose names stay unknown.
pub struct Stacks(Vec<Stack>);

impl Stacks {
    /// Reads them. `account` is the stage's, where it has one.
    ///
    /// # Errors
    /// When a template can't be read, or is over a limit.
    pub fn read(
        manifest: &Manifest,
        files: &BTreeMap<String, String>,
        stage: Stage,
        account: Option<&Account>,
    ) -> Result<Stacks, NotShown> {
        let values = vetted_values(manifest, stage);
        let stacks = manifest.stacks.iter().map(|stack| {
            let file = &stack.template;
            let source = files
                .get(file)
                .ok_or_else(|| NotShown(format!("{file} is missing; the manifest names it")))?;
            let template = parse(file, source).map_err(|error| NotShown(error.to_string()))?;
            let template = without_unvetted(template, manifest, &values);
            let mut context = context(manifest, stack, stage, account, &values);
            // CloudFormation refuses any other.
            let declared = &template.parameters;
            context
                .parameters
                .retain(|name, _| declared.contains_key(name));
            let resolved = resolve(&template, &context).map_err(|errors| said(&errors))?;
            limits::check_resolved(&resolved).map_err(|errors| {
                let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
                NotShown(format!("{file}: {}", errors.join("\n")))
            })?;
            Ok(Stack {
                name: stack.name.clone(),
                template,
                context,
                resolved,
            })
        });
        stacks.collect::<Result<_, _>>().map(Stacks)
    }

    /// What they grant and open that `before` does not; everything, where there is nothing before.
    pub fn compared_with(&self, before: Option<&Stacks>) -> AccessReview {
        let (mut old, mut new) = (Access::default(), Access::default());
        let earlier = before.map(|before| before.0.as_slice()).unwrap_or_default();
        for stack in earlier {
            old.add_stack(&stack.name, Access::read(&stack.resolved));
        }
        for stack in &self.0 {
            let mut resolved = stack.resolved.clone();
            if let Some(twin) = earlier.iter().find(|other| other.name == stack.name) {
                tell_apart(
                    (&twin.template, &twin.context, &twin.resolved),
                    (&stack.template, &stack.context, &mut resolved),
                );
            }
            new.add_stack(&stack.name, Access::read(&resolved));
        }
        review(&old, &new)
    }
}

fn said(errors: &[TemplateError]) -> NotShown {
    let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
    NotShown(errors.join("\n"))
}

fn context(
    manifest: &Manifest,
    stack: &StackTemplate,
    stage: Stage,
    account: Option<&Account>,
    values: &BTreeMap<String, String>,
) -> Context {
    let region = region_of(stack, account);
    let filling = Filling {
        manifest,
        stage,
        account,
        region,
        whose: None,
    };
    let derived = manifest
        .derived
        .iter()
        .filter_map(|(name, what)| Some((name.clone(), filling.fill(*what)?)));
    let chosen = values
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()));
    let unknown = Context {
        parameters: derived.chain(chosen).collect(),
        account_id: account.map(|account| account.id.to_string()),
        ..Context::unknown()
    };
    match region {
        Some(region) => unknown.in_region(region.as_str()),
        None => unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Verdict;
    use crate::blueprint::parse_manifest;

    const MANIFEST: &str = r#"
name = "small"
title = "Small"
version = "1"
summary = "A role."
owner = "platform"
stages = ["dev", "prod"]
[[stack]]
name = "main"
template = "template.yaml"
[derived]
Team = "team"
Stage = "stage"
[[group]]
title = "All"
parameters = ["Writes", "Bucket", "Mail"]
[parameter.Writes]
label = "Writes"
type = "boolean"
default = false
[parameter.Writes.stage]
prod = true
[parameter.Bucket]
label = "Bucket"
type = "text"
[parameter.Mail]
label = "Mail"
type = "text"
required = false
"#;

    const TEMPLATE: &str = r#"
Parameters:
  Team: {Type: String, Default: none}
  Stage: {Type: String}
  Writes: {Type: String, Default: "false"}
  Bucket: {Type: String, Default: "*"}
  Mail: {Type: String}
Conditions:
  Writing: !Equals [!Ref Writes, "true"]
Resources:
  Reader:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}]
      Policies:
        - PolicyName: bucket
          PolicyDocument:
            Statement:
              - {Effect: Allow, Action: "s3:GetObject", Resource: !Sub "arn:aws:s3:::${Bucket}/*"}
              - !If [Writing, {Effect: Allow, Action: "s3:PutObject", Resource: "arn:aws:s3:::a/*"}, !Ref "AWS::NoValue"]
"#;

    fn manifest() -> Manifest {
        parse_manifest("manifest.toml", MANIFEST).unwrap()
    }

    fn stacks(stage: Stage, template: &str) -> Stacks {
        let files = BTreeMap::from([("template.yaml".to_owned(), template.to_owned())]);
        match Stacks::read(&manifest(), &files, stage, None) {
            Ok(stacks) => stacks,
            Err(error) => panic!("{error}"),
        }
    }

    /// What a request with these values adds over what the version was vetted with.
    fn asked(template: &str, values: &[(&str, &str)]) -> Verdict {
        let mut after = stacks(Stage::Dev, template);
        let stack = after.0.first_mut().unwrap();
        stack.template = parse("template.yaml", template).unwrap();
        stack.context.parameters.extend(
            values
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        stack.resolved = resolve(&stack.template, &stack.context).unwrap();
        after
            .compared_with(Some(&stacks(Stage::Dev, template)))
            .verdict
    }

    #[test]
    fn what_must_be_given_and_has_no_default_has_no_vetted_value() {
        let expected = [("Mail", ""), ("Writes", "true")];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(
            vetted_values(&manifest(), Stage::Prod),
            BTreeMap::from(expected)
        );
    }

    /// Also where the template itself would have a default for it.
    #[test]
    fn what_has_no_vetted_value_is_never_the_same() {
        for bucket in ["*", "a"] {
            let verdict = asked(TEMPLATE, &[("Bucket", bucket)]);
            assert!(verdict.may_widen(), "{bucket}: {verdict:?}");
        }
    }

    /// Wherever it stands: in what is allowed, denied or excepted, in whom it is for, under which condition, and from
    /// where something is reached.
    #[test]
    fn what_depends_on_an_unvetted_value_is_never_the_same() {
        const ALL: &str = "{Effect: Allow, Action: 's3:*', Resource: '*'}";
        let role = |trusted: &str, statements: &str| {
            format!(
                "R: {{Type: AWS::IAM::Role, Properties: {{AssumeRolePolicyDocument: {{Statement: [{{Effect: Allow, \
                 Principal: {trusted}, Action: 'sts:AssumeRole'}}]}}, Policies: [{{PolicyName: p, PolicyDocument: \
                 {{Statement: [{statements}]}}}}]}}}}"
            )
        };
        let lambda = "{Service: lambda.amazonaws.com}";
        let group = |rule: &str| {
            format!(
                "G: {{Type: AWS::EC2::SecurityGroup, Properties: {{GroupDescription: g, SecurityGroupIngress: \
                 [{{IpProtocol: tcp, {rule}}}]}}}}"
            )
        };
        let arn = "!Sub 'arn:aws:s3:::${Bucket}'";
        let conditional = format!(
            "{}\n    Condition: Chosen",
            "G:\n    Type: AWS::EC2::SecurityGroup\n    Properties: {GroupDescription: g, SecurityGroupIngress: \
             [{IpProtocol: tcp, FromPort: 1, ToPort: 1, CidrIp: 0.0.0.0/0}]}"
        );
        let allowed = format!("{{Effect: Allow, Action: 's3:*', Resource: {arn}}}");
        let denied = format!("{ALL}, {{Effect: Deny, Action: 's3:*', Resource: {arn}}}");
        let excepted = format!("{{Effect: Allow, Action: 's3:*', NotResource: {arn}}}");
        let tagged = "{Effect: Allow, Action: 's3:*', Resource: '*', Condition: {StringEquals: \
                      {'aws:PrincipalTag/x': !Ref Bucket}}}";
        for (resource, value) in [
            (role(lambda, &allowed), "a"),
            (role(lambda, &denied), "a"),
            (role(lambda, &excepted), "a"),
            (role(lambda, tagged), "a"),
            (
                role("{AWS: !Ref Bucket}", ALL),
                "arn:aws:iam::111122223333:root",
            ),
            (
                group("FromPort: 1, ToPort: 1, CidrIp: !Ref Bucket"),
                "10.0.0.0/8",
            ),
            (
                group("FromPort: !Ref Bucket, ToPort: !Ref Bucket, CidrIp: 0.0.0.0/0"),
                "22",
            ),
            (conditional, "a"),
        ] {
            let template = format!(
                "Parameters:\n  Bucket: {{Type: String}}\n  Writes: {{Type: String}}\n  Mail: {{Type: String}}\n\
                 Conditions:\n  Chosen: !Equals [!Ref Bucket, a]\nResources:\n  {resource}\n"
            );
            let verdict = asked(&template, &[("Bucket", value)]);
            assert!(verdict.may_widen(), "{resource}: {verdict:?}");
        }
    }

    #[test]
    fn a_stage_has_its_own_defaults() {
        let (dev, prod) = (stacks(Stage::Dev, TEMPLATE), stacks(Stage::Prod, TEMPLATE));
        assert_eq!(prod.compared_with(Some(&dev)).verdict, Verdict::Widened);
        assert_eq!(dev.compared_with(Some(&prod)).verdict, Verdict::Narrowed);
        assert_eq!(dev.compared_with(Some(&dev)).verdict, Verdict::Equivalent);
        assert_eq!(dev.compared_with(None).verdict, Verdict::Widened);
    }

    #[test]
    fn what_a_request_adds_is_widened_and_what_is_vetted_is_not() {
        let template = TEMPLATE.replace("${Bucket}", "b");
        let vetted = stacks(Stage::Dev, &template);
        let writes = stacks(Stage::Prod, &template);
        assert_eq!(
            writes.compared_with(Some(&vetted)).verdict,
            Verdict::Widened
        );
        assert_eq!(
            stacks(Stage::Dev, &template)
                .compared_with(Some(&vetted))
                .verdict,
            Verdict::Equivalent
        );
    }

    #[test]
    fn a_template_that_can_not_be_read_is_told() {
        let files = BTreeMap::from([("template.yaml".to_owned(), "Resources: [".to_owned())]);
        let read = Stacks::read(&manifest(), &files, Stage::Dev, None);
        assert!(read.err().unwrap().to_string().contains("template.yaml"));
        let read = Stacks::read(&manifest(), &BTreeMap::new(), Stage::Dev, None);
        assert!(read.err().unwrap().to_string().contains("missing"));
    }
}
