//! What was wrong with a form: on top, and beside each field, in the same words.
use domain::blueprint::Problem;
use leptos::prelude::*;

/// Fields that are not blueprint parameters; every other name is one.
const OWN_FIELDS: [&str; 17] = [
    "team",
    "service",
    "blueprint",
    "stage",
    "reason",
    "confirmation",
    "comment",
    "body",
    "lock_reason",
    "deploy[at]",
    "deploy[zone]",
    "proposal",
    "answer",
    "withdrawal",
    "waiver_reason",
    "until",
    "words",
];

/// The id of a field's control, by its name in a [`Problem`]: `values-NAME` for a parameter.
pub fn field_id(field: &str) -> String {
    let parameter = field
        .strip_prefix("values[")
        .and_then(|rest| rest.strip_suffix(']'));
    match parameter {
        Some(name) => format!("values-{name}"),
        None if OWN_FIELDS.contains(&field) || field == "confirmed" => field.to_owned(),
        None => format!("values-{field}"),
    }
}

fn problem_id(field: &str) -> String {
    format!("{}-problem", field_id(field))
}

/// What was wrong with a field, if something was.
pub fn bad(problems: &[Problem], field: &str) -> Option<String> {
    let id = field_id(field);
    let messages: Vec<_> = problems
        .iter()
        .filter(|problem| !problem.field.is_empty() && field_id(&problem.field) == id)
        .map(|problem| problem.message.as_str())
        .collect();
    (!messages.is_empty()).then(|| messages.join(". "))
}

/// `aria-describedby` of a field: its hint, then its problem.
pub fn described_by(field: &str, hint: bool, problem: bool) -> Option<String> {
    let mut ids = Vec::new();
    if hint {
        ids.push(format!("{}-hint", field_id(field)));
    }
    if problem {
        ids.push(problem_id(field));
    }
    (!ids.is_empty()).then(|| ids.join(" "))
}

/// The page's title, which says first that something was wrong.
pub fn title_of_form(title: &str, problems: &[Problem]) -> String {
    if problems.is_empty() {
        title.to_owned()
    } else {
        format!("Error: {title}")
    }
}

/// The summary on top of a page. It takes the focus when the page opens.
#[component]
pub fn ErrorSummary(
    /// What was wrong.
    problems: Vec<Problem>,
) -> impl IntoView {
    (!problems.is_empty()).then(|| {
        view! {
            <div
                class="banner banner-grow mb-4"
                role="alert"
                tabindex="-1"
                autofocus=true
                id="problems"
                aria-labelledby="problems-title"
            >
                <h2 id="problems-title" class="text-base font-semibold text-grow">
                    "There is a problem"
                </h2>
                <ul class="mt-1 space-y-1">
                    {problems
                        .into_iter()
                        .map(|problem| {
                            let words = problem.message;
                            if problem.field.is_empty() {
                                view! { <li>{words}</li> }.into_any()
                            } else {
                                let href = format!("#{}", field_id(&problem.field));
                                view! {
                                    <li>
                                        <a
                                            href=href
                                            rel="external"
                                            class="underlined font-medium text-grow"
                                        >
                                            {words}
                                        </a>
                                    </li>
                                }
                                    .into_any()
                            }
                        })
                        .collect_view()}
                </ul>
            </div>
        }
    })
}

/// The words beside a field.
#[component]
pub fn FieldProblem(
    /// The field's name.
    #[prop(into)]
    field: String,
    /// What was wrong with it, if something was.
    problem: Option<String>,
) -> impl IntoView {
    problem.map(|words| {
        view! {
            <p id=problem_id(&field) class="problem mt-1">
                <span class="sr-only">"Error: "</span>
                {words}
            </p>
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_our_own_fields_have_ids_of_their_own() {
        assert_eq!(field_id("reason"), "reason");
        assert_eq!(field_id("AlarmEmail"), "values-AlarmEmail");
        assert_eq!(field_id("values[AlarmEmail]"), "values-AlarmEmail");
    }

    #[test]
    fn a_field_is_described_by_its_hint_and_its_problem() {
        let problems = vec![
            Problem::at("AlarmEmail", "Enter an address"),
            Problem::whole("No"),
        ];
        assert_eq!(
            bad(&problems, "AlarmEmail").as_deref(),
            Some("Enter an address")
        );
        assert_eq!(bad(&problems, "reason"), None);
        assert_eq!(
            described_by("AlarmEmail", true, true).as_deref(),
            Some("values-AlarmEmail-hint values-AlarmEmail-problem")
        );
        assert_eq!(described_by("reason", false, false), None);
    }
}
