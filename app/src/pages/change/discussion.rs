use super::comment::Comment;
use crate::api::views::Remark;
use crate::ui::{Button, Hidden, PostForm, TextArea, When, bad};
use domain::blueprint::Problem;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// What was said about a change, and the form to say something.
#[component]
pub fn Discussion(
    /// The change's number.
    number: String,
    /// Comments and decisions, oldest first.
    remarks: Vec<Remark>,
    /// Whether the viewer may comment.
    may_comment: bool,
    /// What was wrong with what was just posted.
    problems: Vec<Problem>,
    /// What was typed.
    typed: String,
) -> impl IntoView {
    let nothing = remarks.is_empty();
    view! {
        <section class="card p-4" aria-labelledby="discussion">
            <h2 id="discussion" class="font-semibold">
                "Discussion"
            </h2>
            {nothing.then(|| view! { <p class="soft mt-1">"Nobody has said anything yet."</p> })}
            <ol class="mt-2 space-y-3">{remarks.into_iter().map(remark).collect_view()}</ol>
            {may_comment
                .then(|| {
                    view! {
                        <PostForm action=Comment::url() class="mt-3">
                            <Hidden name="change" value=number />
                            <TextArea
                                name="body"
                                label="Add a comment"
                                value=typed
                                problem=bad(&problems, "body")
                                rows=2
                            />
                            <div class="mt-2">
                                <Button label="Comment" />
                            </div>
                        </PostForm>
                    }
                })}
        </section>
    }
}

fn remark(remark: Remark) -> AnyView {
    view! {
        <li>
            <p>
                <span class="font-medium">{remark.person.name}</span>
                " "
                {remark.words}
                " "
                <span class="soft">
                    <When moment=remark.at />
                </span>
            </p>
            {(!remark.body.is_empty()).then(|| view! { <p class="said">{remark.body}</p> })}
        </li>
    }
    .into_any()
}
