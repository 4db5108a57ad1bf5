//! guichet reads merchants' ClicToPay onboarding forms, checks them, declares the merchant and answers everyone.

pub mod cli;
pub mod demo;
pub mod domain;
pub mod extraction;
pub mod paper;
pub mod schemas;
pub mod store;
