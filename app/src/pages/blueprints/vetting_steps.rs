//! What comes next in the vetting of a version, for whoever may take the step: a form for each thing to be done.
use super::answer::AnswerProposal;
use super::propose::ProposeVersion;
use super::withdraw::WithdrawVersion;
use crate::api::views::{VersionPage, VettingStepView, vetting_field};
use crate::ui::{Button, Hidden, Kind, PostForm, TextArea, bad};
use domain::blueprint::VettingStep;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The forms, or the buttons that the viewer can't use with the words that say why.
pub fn vetting_steps(page: &VersionPage) -> AnyView {
    let mut forms: Vec<(&'static str, Vec<&VettingStepView>)> = Vec::new();
    for step in &page.steps {
        let field = vetting_field(step.step);
        match forms.iter_mut().find(|(known, _)| *known == field) {
            Some((_, steps)) => steps.push(step),
            None => forms.push((field, vec![step])),
        }
    }
    let forms: Vec<_> = forms
        .into_iter()
        .map(|(field, steps)| form(page, field, &steps))
        .collect();
    view! {
        <section class="card px-4 py-3" aria-labelledby="vet">
            <h2 id="vet" class="font-semibold">
                "What comes next"
            </h2>
            <div class="mt-2 max-w-xl space-y-4">{forms}</div>
        </section>
    }
    .into_any()
}

/// What a form asks, and where it is sent to.
struct Asks {
    action: &'static str,
    label: &'static str,
    hint: &'static str,
}

fn asks(step: VettingStep) -> Asks {
    match step {
        VettingStep::Propose => Asks {
            action: ProposeVersion::url(),
            label: "Why should teams have it?",
            hint: "Security reads it first.",
        },
        VettingStep::Accept | VettingStep::Refuse => Asks {
            action: AnswerProposal::url(),
            label: "What do you say to it?",
            hint: "Refusing takes a reason.",
        },
        VettingStep::Withdraw => Asks {
            action: WithdrawVersion::url(),
            label: "Why is it withdrawn?",
            hint: "Teams can't ask for it any more. What runs goes on, and can still be promoted and rolled back to.",
        },
    }
}

fn form(page: &VersionPage, field: &'static str, steps: &[&VettingStepView]) -> AnyView {
    let buttons: Vec<_> = steps.iter().map(|step| button(step)).collect();
    let buttons = view! { <div class="flex flex-wrap gap-2">{buttons}</div> }.into_any();
    let refusals: Vec<_> = steps.iter().filter_map(|step| refusal(step)).collect();
    let may = steps.iter().find(|step| step.refused_because.is_none());
    let Some(step) = may else {
        return view! { <div class="space-y-2">{refusals} {buttons}</div> }.into_any();
    };
    let Asks {
        action,
        label,
        hint,
    } = asks(step.step);
    let (name, digest, vetting) = (page.name.clone(), page.digest.clone(), page.vetting.clone());
    let typed = page.typed.get(field).cloned().unwrap_or_default();
    let problem = bad(&page.problems, field);
    view! {
        <PostForm action=action class="space-y-3">
            <Hidden name="blueprint" value=name />
            <Hidden name="digest" value=digest />
            <Hidden name="vetting" value=vetting />
            <TextArea name=field label=label hint=hint value=typed problem=problem />
            {refusals}
            {buttons}
        </PostForm>
    }
    .into_any()
}

fn label(step: VettingStep) -> &'static str {
    match step {
        VettingStep::Propose => "Propose this version",
        VettingStep::Accept => "Accept",
        VettingStep::Refuse => "Refuse",
        VettingStep::Withdraw => "Withdraw",
    }
}

fn refused_id(step: VettingStep) -> String {
    format!("{}-refused", step.as_str())
}

fn refusal(step: &VettingStepView) -> Option<AnyView> {
    let id = refused_id(step.step);
    let why = step.refused_because.clone()?;
    let label = label(step.step);
    Some(view! { <p id=id class="soft">{label} ": " {why}</p> }.into_any())
}

fn button(step: &VettingStepView) -> AnyView {
    let kind = match step.step {
        VettingStep::Propose | VettingStep::Accept => Kind::Main,
        VettingStep::Refuse | VettingStep::Withdraw => Kind::Danger,
    };
    let refused = step
        .refused_because
        .is_some()
        .then(|| refused_id(step.step));
    let (label, sends) = (label(step.step), ("step", step.step.as_str()));
    view! { <Button label=label kind=kind sends=sends refused_by=refused /> }.into_any()
}
