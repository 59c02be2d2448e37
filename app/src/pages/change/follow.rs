//! Following a change while its page is open: the server sends an event when something happened, and
//! the page's data is fetched again, at most twice a second.
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{EventSource, MessageEvent};

const AT_MOST_EVERY: Duration = Duration::from_millis(500);

/// Calls `refetch` whenever something happened to the change, until the page is left. Runs in the
/// browser only.
pub fn follow(number: String, refetch: impl Fn() + Copy + Send + Sync + 'static) {
    Effect::new(move |_| {
        let Ok(events) = EventSource::new(&format!("/events/changes/{number}")) else {
            return;
        };
        let pace = Pace {
            resting: StoredValue::new(false),
            missed: StoredValue::new(false),
        };
        let on_message =
            Closure::<dyn Fn(MessageEvent)>::new(move |_: MessageEvent| pace.step(refetch));
        events.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        let open = StoredValue::new_local((events, on_message));
        on_cleanup(move || {
            open.with_value(|(events, _)| events.close());
        });
    });
}

#[derive(Clone, Copy)]
struct Pace {
    resting: StoredValue<bool>,
    missed: StoredValue<bool>,
}

impl Pace {
    fn step(self, refetch: impl Fn() + Copy + Send + Sync + 'static) {
        if self.resting.try_get_value().unwrap_or(true) {
            self.missed.try_update_value(|missed| *missed = true);
            return;
        }
        self.resting.set_value(true);
        refetch();
        set_timeout(
            move || {
                self.resting.try_update_value(|resting| *resting = false);
                if self.missed.try_update_value(std::mem::take) == Some(true) {
                    self.step(refetch);
                }
            },
            AT_MOST_EVERY,
        );
    }
}
