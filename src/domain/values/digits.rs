//! Digits as people write them.

/// Arabic-Indic and Persian digits, and the Arabic separators, in their western form.
#[must_use]
pub fn western(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{660}'..='\u{669}' => from_zero(c, 0x660),
            '\u{6f0}'..='\u{6f9}' => from_zero(c, 0x6f0),
            '\u{ff10}'..='\u{ff19}' => from_zero(c, 0xff10),
            '\u{66b}' => ',',
            '\u{66c}' => '.',
            '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
            c => c,
        })
        .collect()
}

fn from_zero(c: char, zero: u32) -> char {
    char::from_digit(u32::from(c) - zero, 10).unwrap_or(c)
}

/// A whole number with or without groups of three: `1 076`, `1.076`, `1'076`.
pub(super) fn whole_number(text: &str) -> Option<String> {
    let text = western(text);
    let groups: Vec<&str> = text.trim().split([' ', '.', ',', '\'', '\u{a0}', '\u{202f}']).collect();
    let (first, rest) = groups.split_first()?;
    let all_digits = |group: &str| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit());
    let grouped = all_digits(first) && rest.iter().all(|group| group.len() == 3 && all_digits(group));
    if !grouped || (!rest.is_empty() && first.len() > 3) {
        return None;
    }
    let number = groups.concat();
    let number = number.trim_start_matches('0');
    if number.len() > 15 {
        return None;
    }
    Some(if number.is_empty() { "0".to_owned() } else { number.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_three_digits() {
        assert_eq!(whole_number("1 076").as_deref(), Some("1076"));
        assert_eq!(whole_number("4.218").as_deref(), Some("4218"));
        assert_eq!(whole_number("١٢٣").as_deref(), Some("123"));
        assert_eq!(whole_number("12,5"), None);
        assert_eq!(whole_number(""), None);
    }
}
