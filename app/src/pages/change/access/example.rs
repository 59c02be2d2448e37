//! The concrete request or packet behind a verdict.
use domain::access::{PacketWitness, Witness};
use leptos::prelude::*;

/// A request in words: who can now do what on what, and with which values.
pub fn request(witness: &Witness) -> AnyView {
    let (principal, action) = (witness.principal.clone(), witness.action.clone());
    let on = (!witness.resource.is_empty()).then(|| {
        view! { " on " <span class="mono">{witness.resource.clone()}</span> }
    });
    view! {
        <b>{principal}</b>
        " can now "
        <span class="mono">{action}</span>
        {on}
        {values(witness)}
    }
    .into_any()
}

/// The same in plain text, without the values.
pub fn request_text(witness: &Witness) -> String {
    let mut text = format!("{} can now {}", witness.principal, witness.action);
    if !witness.resource.is_empty() {
        text.push_str(" on ");
        text.push_str(&witness.resource);
    }
    text
}

fn values(witness: &Witness) -> Option<AnyView> {
    let values: Vec<_> = witness
        .context
        .iter()
        .map(|(key, values)| format!("{key} = {}", values.join(", ")))
        .collect();
    (!values.is_empty())
        .then(|| view! { ", with " <span class="mono">{values.join("; ")}</span> }.into_any())
}

/// A packet in words.
pub fn packet(witness: &PacketWitness) -> AnyView {
    let port = witness.port.as_deref().unwrap_or_default();
    let traffic = format!("{} {port}", witness.protocol.to_uppercase());
    let way = match witness.direction.as_str() {
        "egress" => " to ",
        _ => " from ",
    };
    view! {
        <span class="mono">{traffic.trim_end().to_owned()}</span>
        {way}
        <span class="mono">{witness.peer.clone()}</span>
    }
    .into_any()
}
