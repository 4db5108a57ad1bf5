//! Symbol fonts draw boxes and ticks with codes of their own; here they become the Unicode signs they look like.

/// A font whose codes are pictures, not letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SymbolFont {
    Wingdings,
    Wingdings2,
    Webdings,
    ZapfDingbats,
}

impl SymbolFont {
    /// By its `PostScript` name, a subset tag (`ABCDEF+`) allowed.
    pub(super) fn named(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        if name.contains("wingdings2") || name.contains("wingdings-2") || name.contains("wingdings 2") {
            Some(Self::Wingdings2)
        } else if name.contains("wingdings") {
            Some(Self::Wingdings)
        } else if name.contains("webdings") {
            Some(Self::Webdings)
        } else if name.contains("dingbats") {
            Some(Self::ZapfDingbats)
        } else {
            None
        }
    }

    /// The sign for a code of this font; `mapped` is what the font's own map says.
    pub(super) fn read(self, code: u32, mapped: char) -> char {
        let code = match u32::from(mapped) {
            // A symbol font's characters are often mapped to the private area, U+F000 plus the code.
            private @ 0xF020..=0xF0FF => private & 0xFF,
            0x21..=0xFF => u32::from(mapped),
            0xFFFD => code & 0xFF,
            _ => return mapped,
        };
        self.sign(u8::try_from(code).unwrap_or(0)).unwrap_or(mapped)
    }

    fn sign(self, code: u8) -> Option<char> {
        Some(match self {
            Self::Wingdings => match code {
                0x6F..=0x72 | 0xA8 => '☐',
                0xFE => '☑',
                0x78 | 0xFD => '☒',
                0xFC => '✔',
                0xFB => '✘',
                0x6E => '■',
                0x6C => '●',
                0xA1 => '○',
                _ => return None,
            },
            Self::Wingdings2 => match code {
                0x2A | 0xA3 => '☐',
                0x52 => '☑',
                0x51 | 0x53 | 0x54 => '☒',
                0x50 => '✔',
                0x4F => '✘',
                _ => return None,
            },
            Self::Webdings => match code {
                0x63 => '☐',
                0x61 => '✔',
                0x72 => '✘',
                0x67 => '■',
                _ => return None,
            },
            Self::ZapfDingbats => match code {
                0x6F..=0x72 => '☐',
                0x33 | 0x34 => '✔',
                0x35..=0x38 => '✘',
                0x6E => '■',
                0x6C => '●',
                0x6D => '○',
                _ => return None,
            },
        })
    }
}

/// A private character of a font that does not say its name: the check boxes of Wingdings are by far the most used.
pub(super) fn private_use(c: char) -> char {
    match u32::from(c) {
        0xF06F | 0xF0A8 => '☐',
        0xF0FE => '☑',
        0xF0FD | 0xF078 => '☒',
        0xF0FC => '✔',
        0xF0FB => '✘',
        _ => c,
    }
}

/// Signs that are a tick where they stand in or in place of a box.
pub(super) fn is_tick(c: char) -> bool {
    matches!(
        c,
        '✓' | '✔'
            | '✗'
            | '✘'
            | '✕'
            | '✖'
            | '×'
            | 'x'
            | 'X'
            | '■'
            | '●'
            | '•'
            | '⬛'
            | '◼'
            | '◾'
            | '⚫'
            | '√'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wingdings_boxes_are_signs() {
        let font = SymbolFont::named("ABCDEF+Wingdings-Regular").unwrap();
        assert_eq!(font.read(0xFE, '\u{F0FE}'), '☑');
        assert_eq!(font.read(0xA8, 'þ'), '☑', "a map to Latin-1 is the code itself");
        assert_eq!(font.read(0xA8, char::REPLACEMENT_CHARACTER), '☐');
        assert_eq!(SymbolFont::named("Helvetica"), None);
    }
}
