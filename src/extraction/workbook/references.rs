//! References as workbooks write them: `B12`, `A1:C3`, lists of both.

/// Zero-based row and column of `B12` (or `$B$12`).
pub(super) fn cell(reference: &str) -> Option<(u32, u32)> {
    let reference = reference.replace('$', "");
    let letters = reference.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (column, row) = reference.split_at(letters);
    if column.is_empty() || column.len() > 3 {
        return None;
    }
    let column = column.bytes().fold(0u32, |n, b| n * 26 + u32::from(b.to_ascii_uppercase() - b'A' + 1));
    let row: u32 = row.parse().ok().filter(|row| *row > 0)?;
    Some((row - 1, column - 1))
}

/// First and last cell of `A1:C3`; a single cell is its own range.
pub(super) fn range(reference: &str) -> Option<((u32, u32), (u32, u32))> {
    match reference.split_once(':') {
        Some((first, last)) => {
            let ((r0, c0), (r1, c1)) = (cell(first)?, cell(last)?);
            Some(((r0.min(r1), c0.min(c1)), (r0.max(r1), c0.max(c1))))
        }
        None => cell(reference).map(|at| (at, at)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_zero_based() {
        assert_eq!(cell("A1"), Some((0, 0)));
        assert_eq!(cell("$XFD$1048576"), Some((1_048_575, 16_383)));
        assert_eq!(cell("1A"), None);
        assert_eq!(cell("A0"), None);
        assert_eq!(range("C3:A1"), Some(((0, 0), (2, 2))));
    }
}
