//! guichet reads merchants' ClicToPay onboarding forms, checks them, declares the merchant and answers everyone.
//!
//! # The way of a document
//!
//! `inbox → intake → extraction → validation → dossier (decide) → outbox → declaration / letter / answer → acknowledgement → dossier …`
//!
//! [`procedure`] is that sentence as code. A stage is a *room*: one folder, one door (at most three public functions in its
//! `mod.rs`), and no room names another; only the procedure knows their order. The *core* ([`domain`]) decides: a dossier and an
//! event give the dossier as it then is and effects to be done in the world, and the same ones give the same decision for ever. One
//! transaction saves the cause, the dossier and the bytes of everything it sends; the [`outbox`] carries the effects out, and each
//! outcome is an event in its turn.
//!
//! | on the way | what it does | knows |
//! |---|---|---|
//! | [`intake`] | a file laid in the inbox becomes a document, once | store, blobs |
//! | [`extraction`] | bytes become one page model, pages become fields with place and trust | forms |
//! | [`isolation`] | the process of its own, closed off, in which that happens | extraction |
//! | [`validation`] | fields become findings: checks, rules across fields and documents | rules |
//! | [`domain`] | dossiers, steps, decisions, pairing: plain data and pure functions | nothing |
//! | [`declaration`], [`letter`], [`answer`] | what was decided becomes bytes, once, by templates | templates |
//! | [`acknowledgement`] | what comes back becomes an event | layouts |
//! | [`outbox`], [`post`] | bytes leave: into folders, by mail | store |
//!
//! Beside the way: [`store`] remembers (SQLite), [`blobs`] keeps the originals by hash, [`durable`] writes files that are whole or absent,
//! [`schemas`], [`rules`], [`layouts`] and [`templates`] are the forms, checks, formats and words as data, [`config`] is `guichet.toml`, [`app`]
//! builds the desk and starts the tasks, [`cli`] is the command line. [`demo`] and [`practice`] play banks, merchants and the other side.
//!
//! # What always holds
//!
//! 1. *No silent error.* A value that its evidence does not prove is a doubt; declarations and letters carry firm values only
//!    (trusted, or settled by a person).
//! 2. *Nothing lost, nothing twice.* A file leaves the inbox only into the archive; a number is used up in the transaction that stores
//!    its bytes; the rename into an outbox is the commit point. Each step of [`intake`] and [`outbox`] argues what a kill there leaves.
//! 3. *Everyone is answered.* Each dropped file has its answer, whatever it is; our own failures are tried again and never blamed
//!    on the file.
//! 4. *No document can hurt.* The daemon never parses a byte from outside in its own process, and does not believe the one that does.
//! 5. *Messages are made at the edge.* Core and rooms know codes; French lives in `templates/`, exit codes in [`cli`].
#![cfg_attr(test, expect(clippy::float_cmp, reason = "places that are copied are equal to the bit"))]

pub mod acceptance;
pub mod acknowledgement;
pub mod answer;
pub mod app;
pub mod backup;
pub mod blobs;
pub mod bundle;
pub mod cli;
pub mod clock;
pub mod config;
pub mod counsel;
pub mod crash;
mod credentials;
pub mod declaration;
pub mod demo;
pub mod domain;
pub mod durable;
pub mod extraction;
pub mod intake;
pub mod isolation;
pub mod layouts;
pub mod letter;
mod lines;
pub mod outbox;
pub mod paper;
pub mod picture;
pub mod post;
pub mod practice;
pub mod procedure;
pub mod retention;
pub mod rules;
pub mod schemas;
pub mod scribe;
pub mod seal;
pub mod shipped;
pub mod shown;
pub mod store;
pub mod telemetry;
pub mod templates;
pub mod told;
pub mod validation;
pub mod verify;
