//! guichet reads merchants' ClicToPay onboarding forms, checks them, declares the merchant and answers everyone.

pub mod blobs;
pub mod cli;
pub mod clock;
pub mod config;
pub mod counsel;
pub mod crash;
pub mod declaration;
pub mod demo;
pub mod domain;
pub mod durable;
pub mod extraction;
pub mod intake;
pub mod isolation;
pub mod layouts;
pub mod outbox;
pub mod paper;
pub mod post;
pub mod practice;
pub mod procedure;
pub mod rules;
pub mod schemas;
pub mod store;
pub mod telemetry;
pub mod templates;
pub mod validation;
