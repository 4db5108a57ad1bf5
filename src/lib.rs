//! guichet reads merchants' ClicToPay onboarding forms, checks them, declares the merchant and answers everyone.

pub mod domain;
pub mod extraction;
pub mod schemas;
pub mod store;
