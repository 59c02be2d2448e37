//! Any two templates, apart by a line of three dashes: the review ends with a result, never with a panic, what is
//! gained one way is lost the other, and a template against itself changes nothing.
#![no_main]

use domain::access::{Access, AccessReview, Verdict, review};
use domain::template::{Context, parse, resolve};
use libfuzzer_sys::fuzz_target;
use std::collections::BTreeMap;

fuzz_target!(|source: &str| {
    let Some((before, after)) = source.split_once("\n---\n") else { return };
    let (Some(before), Some(after)) = (read(before), read(after)) else { return };
    let there = answers(review(&before, &after));
    let back = answers(review(&after, &before));
    for (subject, (gained, lost)) in &there {
        let Some((gained_back, lost_back)) = back.get(subject) else { continue };
        agree(*gained, *lost_back);
        agree(*lost, *gained_back);
    }
    assert_eq!(review(&after, &after).verdict, Verdict::Equivalent);
});

fn read(source: &str) -> Option<Access> {
    let template = parse("template", source).ok()?;
    let context = Context::new("111122223333", "eu-central-1", "stack");
    Some(Access::read(&resolve(&template, &context).ok()?))
}

type Answers = (Option<bool>, Option<bool>);

fn answers(review: AccessReview) -> BTreeMap<String, Answers> {
    let subjects = review.iam.subjects.into_iter().map(|subject| {
        let name = format!("{} {} {:?}", subject.id, subject.kind, subject.aspect);
        (name, (subject.new_access, subject.lost_access))
    });
    let groups = review.network.groups.into_iter().map(|group| {
        let name = format!("{} {}", group.id, group.kind);
        (name, (group.new_access, group.lost_access))
    });
    subjects.chain(groups).collect()
}

/// One way may be decided where the other is not.
fn agree(one: Option<bool>, other: Option<bool>) {
    assert!(one.is_none() || other.is_none() || one == other, "{one:?} against {other:?}");
}
