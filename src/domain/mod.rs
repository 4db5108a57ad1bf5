//! The core: plain data and pure functions. No I/O, no async, no clock; no other module of guichet is named here.

pub mod bank;
pub mod card_number;
mod decide;
pub mod declaration;
pub mod document;
pub mod dossier;
pub mod effect;
pub mod event;
pub mod field;
pub mod file_name;
pub mod filled_grid;
pub mod finding;
pub mod grid;
pub mod login;
pub mod masking;
pub mod notification;
pub mod outcome;
pub mod pairing;
pub mod personal;
pub mod pieces;
pub mod release;
pub mod requirement;
pub mod step;
pub mod table;
mod texts;
pub mod values;
