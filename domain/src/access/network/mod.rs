//! Who may reach what: security groups, network ACLs, routes, firewalls and public endpoints of a template,
//! and whether any packet passes after a change that did not before. IAM is judged in `iam`.

mod acl;
mod address;
mod compare;
mod exposure;
mod facts;
mod firewall;
mod group;
mod member;
mod model;
mod paths;
mod review;
mod route;
mod rule;
mod side;
mod subnet;
#[cfg(test)]
mod tests;
mod told;
mod traffic;
mod words;
mod worlds;

pub(super) use model::Network;
pub(super) use review::review;
