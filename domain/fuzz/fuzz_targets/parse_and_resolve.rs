//! Any text: reading and resolving it ends with a result, never with a panic, and the same one each time.
#![no_main]

use domain::template::{Context, limits, parse, resolve};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|source: &str| {
    let Ok(template) = parse("template", source) else { return };
    let _ = limits::check(&template, limits::Delivery::Inline);
    let context = Context::new("111122223333", "eu-central-1", "stack");
    let resolved = resolve(&template, &context);
    assert_eq!(resolved, resolve(&template, &context));
    if let Ok(stack) = resolved {
        let _ = limits::check_resolved(&stack);
        for resource in stack.resources.values() {
            for value in resource.properties.values() {
                let _ = value.to_json().to_string();
            }
        }
    }
});
