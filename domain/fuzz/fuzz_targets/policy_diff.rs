//! Any two policies, apart by a line of three dashes: the judge ends with a result, never with a panic, and what is
//! gained one way is lost the other.
#![no_main]

use domain::access::iam::{DocumentKind, judge_documents};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|source: &str| {
    let Some((before, after)) = source.split_once("\n---\n") else { return };
    let (Ok(before), Ok(after)) = (serde_json::from_str(before), serde_json::from_str(after)) else { return };
    // One kind at a time: the limit of time is for one comparison, there and back.
    let kinds = [DocumentKind::Identity, DocumentKind::Resource, DocumentKind::Trust];
    let kind = kinds[source.len() % kinds.len()];
    let there = judge_documents(&before, &after, kind);
    let back = judge_documents(&after, &before, kind);
    agree(there.new_access, back.lost_access);
    agree(there.lost_access, back.new_access);
    if let (Some(there), Some(back)) = (there.limit, back.limit) {
        agree(there.new_access, back.lost_access);
        agree(there.lost_access, back.new_access);
    }
});

/// One way may be decided where the other is not.
fn agree(one: Option<bool>, other: Option<bool>) {
    assert!(one.is_none() || other.is_none() || one == other, "{one:?} against {other:?}");
}
