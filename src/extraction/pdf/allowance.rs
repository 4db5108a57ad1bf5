//! What one document may draw. The interpreter has no way to be stopped from its callbacks but to unwind out of it.

use super::super::limits::Limits;

/// How much one document may still draw.
#[derive(Debug)]
pub(super) struct Allowance {
    pub(super) glyphs: usize,
    pub(super) shapes: usize,
    /// Things done on a page, visible or not.
    pub(super) steps: usize,
    /// Clips, and with them the forms that a page draws: each form is decoded anew.
    pub(super) clips: usize,
    /// Cells of the ground that may be painted.
    pub(super) patches: usize,
}

impl Allowance {
    pub(super) fn new(limits: &Limits) -> Self {
        let Limits { glyphs, shapes, .. } = *limits;
        Self { glyphs, shapes, steps: 2 * (glyphs + shapes), clips: shapes / 2, patches: 100_000_000 }
    }
}

/// What unwinds out of the interpreter when a document draws past its allowance.
struct Exceeded;

/// Runs the interpreter; false when the document drew past its allowance, and was not read to its end.
pub(super) fn draw_within(draw: impl FnOnce()) -> bool {
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(draw)) {
        Ok(()) => true,
        Err(reason) if reason.is::<Exceeded>() => false,
        Err(fault) => std::panic::resume_unwind(fault),
    }
}

/// Leaves the interpreter. No panic is reported: nothing is wrong with the program.
pub(super) fn exceed() -> ! {
    std::panic::resume_unwind(Box::new(Exceeded))
}

/// Spends some of an allowance, or leaves the interpreter.
pub(super) fn take(allowance: &mut usize, count: usize) {
    match allowance.checked_sub(count) {
        Some(left) => *allowance = left,
        None => exceed(),
    }
}
