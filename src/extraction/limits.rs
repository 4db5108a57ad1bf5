//! What one document may cost its reader. A file past a limit is refused with a reason; it is never read in part as if whole.

/// Ceilings for one document. The defaults are some thirty times what the largest honest form needs.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Size of the file as received.
    pub bytes: usize,
    /// Pages of a PDF, sheets of a workbook.
    pub pages: usize,
    /// Glyphs drawn by all pages of a PDF.
    pub glyphs: usize,
    /// Lines, boxes and pictures drawn by all pages of a PDF.
    pub shapes: usize,
    /// Bytes of all streams of a PDF, or all members of a ZIP or workbook, once inflated.
    pub inflated: u64,
    /// Inflated bytes per stored byte, counted from the first megabyte on.
    pub ratio: u64,
    /// Members of a ZIP.
    pub members: usize,
    /// Form fields of a PDF.
    pub widgets: usize,
    /// Depth of a field tree or of nested arrays.
    pub depth: usize,
    /// Cells that hold something, in all sheets.
    pub cells: usize,
    /// Pixels of one picture.
    pub pixels: u64,
    /// Pages whose pictures are read by character recognition, seconds each.
    pub scans: usize,
    /// Characters of one cell, one field value, one string.
    pub text: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 64 << 20,
            pages: 200,
            glyphs: 1_000_000,
            shapes: 400_000,
            inflated: 256 << 20,
            ratio: 1000,
            members: 1000,
            widgets: 5000,
            depth: 32,
            cells: 100_000,
            pixels: 40_000_000,
            scans: 40,
            text: 32_768,
        }
    }
}
