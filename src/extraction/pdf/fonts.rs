//! Fonts that do not explain their codes: an embedded TrueType font of symbols without a map to Unicode and without an
//! encoding. A reader takes its codes for letters of the standard encoding, and is mostly right; mostly is not enough.

use std::collections::HashSet;

use hayro_interpret::hayro_syntax::object::{Dict, Name, Stream};

const SYMBOLIC: u32 = 1 << 2;

/// `PostScript` names of such fonts, without the tag of a subset.
#[derive(Debug, Default)]
pub(super) struct Unexplained(HashSet<String>);

impl Unexplained {
    /// Takes note of a dictionary of the document, should it be such a font.
    pub(super) fn note(&mut self, dict: &Dict<'_>) {
        let is = |key: &str, name: &[u8]| dict.get::<Name<'_>>(key).is_some_and(|value| &*value == name);
        if !is("Subtype", b"TrueType") || dict.contains_key("ToUnicode") || dict.contains_key("Encoding") {
            return;
        }
        let Some(descriptor) = dict.get::<Dict<'_>>("FontDescriptor") else { return };
        let symbolic = descriptor.get::<u32>("Flags").is_none_or(|flags| flags & SYMBOLIC != 0);
        if symbolic && descriptor.get::<Stream<'_>>("FontFile2").is_some() {
            let name = dict.get::<Name<'_>>("BaseFont").map(|name| name.as_str().to_owned()).unwrap_or_default();
            self.0.insert(without_tag(&name).to_owned());
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        !self.0.is_empty() && self.0.contains(without_tag(name))
    }
}

/// `ABCDEF+Name` is a subset of `Name`.
fn without_tag(name: &str) -> &str {
    match name.split_once('+') {
        Some((tag, name)) if tag.len() == 6 && tag.bytes().all(|b| b.is_ascii_uppercase()) => name,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::without_tag;

    #[test]
    fn a_subset_bears_the_name_of_its_font() {
        assert_eq!(without_tag("ABCDEF+DejaVuSans"), "DejaVuSans");
        assert_eq!(without_tag("A+B"), "A+B");
    }
}
