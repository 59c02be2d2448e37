//! The source that a plan gives to CloudFormation, with the place of each resource.
use super::change_page::is_on_show;
use super::rows::change_row;
use super::{PortalService, unavailable};
use crate::store;
use app::api::AppError;
use app::api::views::TemplatePage;
use domain::change::{Operation, Plan};
use domain::names::ChangeNumber;
use domain::person::Principal;
use domain::template::parse;

impl PortalService {
    pub(super) async fn show_template(
        &self,
        who: &Principal,
        number: ChangeNumber,
        stack: Option<String>,
    ) -> Result<TemplatePage, AppError> {
        let unknown = |what: String| AppError::NotFound { what };
        let mut connection = self.store.acquire().await.map_err(unavailable)?;
        let change = store::change::by_number(&mut connection, number)
            .await
            .map_err(unavailable)?
            .ok_or_else(|| unknown(number.to_string()))?;
        self.may_see(who, &change.team, &number.to_string()).await?;
        let plan = store::plan::latest_of(&mut connection, change.id)
            .await
            .map_err(unavailable)?
            .filter(|_| is_on_show(&change));
        let Some((plan, _)) = plan else {
            return Err(unknown(format!("a plan of {number}")));
        };
        let templates = templates(&plan);
        let found = match &stack {
            Some(name) => templates.iter().find(|(stack, _)| stack == name),
            None => templates.first(),
        };
        let Some((stack, source)) = found else {
            return Err(unknown(format!("this template of {number}")));
        };
        Ok(TemplatePage {
            row: change_row(&change, self.now()),
            stack: (*stack).to_owned(),
            stacks: templates
                .iter()
                .map(|(stack, _)| (*stack).to_owned())
                .collect(),
            lines: source.lines().map(str::to_owned).collect(),
            places: places(source),
        })
    }
}

fn templates(plan: &Plan) -> Vec<(&str, &str)> {
    plan.reviewed
        .stacks
        .iter()
        .filter_map(|stack| match &stack.operation {
            Operation::Deploy { template, .. } => Some((stack.name.as_str(), template.as_str())),
            Operation::Nothing | Operation::Delete { .. } => None,
        })
        .collect()
}

/// Where each resource begins. What can't be read has no places: the source is shown all the same.
fn places(source: &str) -> Vec<(String, usize)> {
    let Ok(template) = parse("template", source) else {
        return Vec::new();
    };
    template
        .resources
        .as_map()
        .unwrap_or_default()
        .iter()
        .map(|entry| (entry.key.clone(), entry.at.line))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_resource_has_the_line_that_it_begins_at() {
        let yaml =
            "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n\n  Queue: {Type: AWS::SQS::Queue}\n";
        assert_eq!(
            places(yaml),
            [("Topic".to_owned(), 2), ("Queue".to_owned(), 5)]
        );
        let json = "{\"Resources\": {\n\"Topic\": {\"Type\": \"AWS::SNS::Topic\"}}}";
        assert_eq!(places(json), [("Topic".to_owned(), 2)]);
        assert!(places("not a template").is_empty());
    }
}
