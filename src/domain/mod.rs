//! The core: plain data and pure functions. No I/O, no async, no clock; no other module of guichet is named here.

pub mod document;
pub mod field;
pub mod finding;
