//! Any text as a policy: judged against itself it ends with a result, never with a panic, and nothing comes or goes.
#![no_main]

use domain::access::iam::{DocumentKind, judge_documents};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|source: &str| {
    let Ok(policy) = serde_json::from_str(source) else { return };
    for kind in [DocumentKind::Identity, DocumentKind::Resource, DocumentKind::Trust] {
        let said = judge_documents(&policy, &policy, kind);
        assert_ne!(said.new_access, Some(true));
        assert_ne!(said.lost_access, Some(true));
        if let Some(limit) = said.limit {
            assert_ne!(limit.new_access, Some(true));
            assert_ne!(limit.lost_access, Some(true));
        }
    }
});
