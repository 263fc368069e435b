//! The letters of an answer that is no data: pages come in old character sets.

use std::borrow::Cow;

use super::Reply;

/// How the usual old character set of Russian pages is called, in the answer's head or on the page.
const CYRILLIC: &[u8] = b"windows-1251";
/// How far a page says so, in bytes.
const DECLARED_WITHIN: usize = 4096;

impl Reply {
    /// The body as text: a page in an old character set is a page all the same. One that calls itself Russian is read
    /// as that; of others the letters without marks are those of Latin-1 in every such set. `None` of what is no text in
    /// any.
    pub(super) fn readable(&self) -> Option<Cow<'_, str>> {
        if let Ok(text) = std::str::from_utf8(&self.body) {
            return Some(Cow::Borrowed(text));
        }
        if let Some(text) = wide(&self.body) {
            return Some(Cow::Owned(text));
        }
        let is_control = |byte: &u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
        if self.body.iter().any(is_control) {
            return None;
        }
        let head = self.body.get(..DECLARED_WITHIN).unwrap_or(&self.body);
        let declared = self.content_type.as_deref().unwrap_or_default().as_bytes();
        let is_cyrillic = mentions(head, CYRILLIC) || mentions(declared, CYRILLIC);
        let letter = match is_cyrillic {
            true => cyrillic,
            false => char::from,
        };
        Some(Cow::Owned(self.body.iter().copied().map(letter).collect()))
    }
}

/// Whether a word stands somewhere, in letters of any case.
fn mentions(text: &[u8], word: &[u8]) -> bool {
    let mut windows = text.windows(word.len());
    windows.any(|window| window.eq_ignore_ascii_case(word))
}

/// A letter of windows-1251; signs that titles rarely have are left out.
fn cyrillic(byte: u8) -> char {
    match byte {
        0..=0x7f => char::from(byte),
        0xa8 => 'Ё',
        0xb8 => 'ё',
        0xab => '«',
        0xbb => '»',
        0x96 | 0x97 => '-',
        0xb9 => '№',
        0xc0.. => char::from_u32(0x410 + u32::from(byte) - 0xc0).unwrap_or(' '),
        _ => ' ',
    }
}

/// A text in UTF-16 with its mark.
fn wide(bytes: &[u8]) -> Option<String> {
    let unit = match bytes {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => return None,
    };
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    String::from_utf16(&units.collect::<Vec<_>>()).ok()
}

#[cfg(test)]
mod tests {
    use super::super::unserved::tests::reply;
    use super::*;

    #[test]
    fn bytes_of_old_character_sets_are_text_and_others_are_none() {
        let told = |body: &[u8]| {
            let unserved = Reply {
                body: body.into(),
                ..reply(200, "")
            };
            unserved.unserved().map(|it| it.to_string())
        };
        let page = "the answer is a web page instead of data, as during maintenance ('L\u{e4}uft')";
        let body = b"<html><title>L\xe4uft</title>";
        assert_eq!(told(body).as_deref(), Some(page));
        let words = "the answer is a text instead of data ('L\u{e4}uft')";
        assert_eq!(told(b"L\xe4uft").as_deref(), Some(words));
        let russian = "the answer is a web page instead of data, as during maintenance ('Работы')";
        let title = b"<title>\xd0\xe0\xe1\xee\xf2\xfb</title>";
        let on_page = [&b"<meta charset=Windows-1251>"[..], title].concat();
        assert_eq!(told(&on_page).as_deref(), Some(russian));
        let declared = Reply {
            body: title.to_vec(),
            content_type: Some("text/html; charset=windows-1251".to_owned()),
            ..reply(200, "")
        };
        let declared = declared.unserved().map(|it| it.to_string());
        assert_eq!(declared.as_deref(), Some(russian));
        let units = "\u{feff}<title>Работы</title>".encode_utf16();
        let wide: Vec<u8> = units.flat_map(u16::to_le_bytes).collect();
        assert_eq!(told(&wide).as_deref(), Some(russian));
        assert_eq!(told(b"<doc>\xe4</doc>"), None);
        assert_eq!(told(b"PK\x03\x04\xff"), None);
        assert_eq!(told(b"\0<\0d\0/\0>"), None);
    }
}
