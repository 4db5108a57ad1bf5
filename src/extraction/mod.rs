//! Room 2. Bytes become a reading: what the document is, its fields with their places, and what is wrong with it.
//!
//! Pure over bytes: no file, no network, no clock; but for the OCR engines, which [`prepare`] finds and loads once.

mod archive;
mod card_numbers;
mod compound;
mod engine;
mod foreign;
mod format;
mod inspect;
mod limits;
mod ocr;
mod open;
mod packed;
pub mod page;
mod pdf;
mod pictures;
mod read;
mod refusal;
mod ticks;
mod workbook;
mod xml;

pub use inspect::inspect;
pub use limits::Limits;
pub use ocr::{MODELS, engines, prepare};
pub use pictures::{PagePicture, SheetCell};
pub use read::{Options, read, read_and_show};
