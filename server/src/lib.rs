//! The Gatehouse process.

pub mod access_report;
pub mod authz;
pub mod aws;
pub mod catalogue;
pub mod configuration;
pub mod doctor;
mod guardrails;
mod hold;
pub mod http;
pub mod jobs;
pub mod log;
pub mod metrics;
mod rendering;
pub mod service;
pub mod store;
