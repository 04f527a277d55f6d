//! The second net: whatever is written for people or for IT goes through it, and no key, signature or token does.
//!
//! Nothing should write a secret in the first place.

use std::io::{self, Write};

const MASK: &str = "<masked>";

/// Cuts out what could open something, and the name of the person's home.
pub fn mask(text: &str) -> String {
    let text = after(text, "x-amz-", '=', |letter| !matches!(letter, '&' | ' ' | '"' | '\n' | '>'));
    let text = after(&text, "x-amz-security-token", ':', |letter| letter != '\n');
    let text = after(&text, "authorization", ':', |letter| letter != '\n');
    let text = words(&text, "AWS4-");
    let text = key_ids(&text);
    match std::env::var("HOME") {
        Ok(home) if home.len() > 1 => text.replace(&home, "~"),
        _ => text,
    }
}

/// Masks what follows `name…<mark>`, as long as `belongs`. Whatever the case of the name.
fn after(text: &str, name: &str, mark: char, belongs: impl Fn(char) -> bool) -> String {
    let lower = text.to_ascii_lowercase();
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    while let Some(found) = lower.get(done..).and_then(|rest| rest.find(name)) {
        let start = done + found;
        let tail = text.get(start..).unwrap_or_default();
        // The mark has to follow the rest of one word: `X-Amz-Signature=`, `authorization: `.
        let word = tail.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-').unwrap_or(tail.len());
        let value = tail
            .get(word..)
            .unwrap_or_default()
            .strip_prefix(['"', '\''])
            .unwrap_or(tail.get(word..).unwrap_or_default());
        let value_start = start + (tail.len() - value.len());
        match value.strip_prefix(mark) {
            Some(secret) => {
                let secret_start = value_start + mark.len_utf8();
                let length = secret.find(|letter| !belongs(letter)).unwrap_or(secret.len());
                out.push_str(text.get(done..secret_start).unwrap_or_default());
                out.push_str(MASK);
                done = secret_start + length;
            }
            None => {
                out.push_str(text.get(done..value_start).unwrap_or_default());
                done = value_start.max(start + name.len());
            }
        }
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

/// Masks words from where they begin like this: what a signature is made of.
fn words(text: &str, start: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(found) = rest.find(start) {
        let (head, tail) = rest.split_at(found);
        let length =
            tail.find(|letter: char| letter.is_whitespace() || matches!(letter, '"' | '<')).unwrap_or(tail.len());
        out.push_str(head);
        out.push_str(MASK);
        rest = tail.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// Masks key ids: AKIA or ASIA and at least twelve more capitals and digits.
fn key_ids(text: &str) -> String {
    let is_part = |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit();
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("AKIA").into_iter().chain(rest.find("ASIA")).min() {
        let (head, tail) = rest.split_at(start);
        let length = tail.find(|letter| !is_part(letter)).unwrap_or(tail.len());
        out.push_str(head);
        out.push_str(if length >= 16 { MASK } else { tail.get(..length).unwrap_or_default() });
        rest = tail.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// A writer that lets nothing through unmasked. Takes one whole event at a time, as formatters of logs hand them over.
pub struct Net<W>(pub W);

impl<W: Write> Write for Net<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write_all(mask(&String::from_utf8_lossy(bytes)).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_and_tokens_in_a_query_are_masked() {
        let masked = mask("GET https://h/a.pdf?X-Amz-Signature=abcdef0123&x-amz-security-token=IQoJb3J&x=1 done");
        assert_eq!(masked, "GET https://h/a.pdf?X-Amz-Signature=<masked>&x-amz-security-token=<masked>&x=1 done");
    }

    #[test]
    fn an_authorization_header_is_masked_to_its_end() {
        assert_eq!(
            mask("authorization: AWS4-HMAC-SHA256 Credential=x, Signature=y\nhost: h"),
            "authorization:<masked>\nhost: h"
        );
        assert_eq!(mask("\"Authorization\": \"Bearer x\""), "\"Authorization\":<masked>");
    }

    #[test]
    fn a_token_in_a_header_is_masked_to_its_end() {
        assert_eq!(mask("x-amz-security-token: IQoJb3J/a+b= \nhost: h"), "x-amz-security-token:<masked>\nhost: h");
        assert_eq!(mask("X-Amz-Request-Id: 4TX9"), "X-Amz-Request-Id: 4TX9");
    }

    #[test]
    fn what_a_signature_is_made_of_is_masked() {
        assert_eq!(mask("to sign: AWS4-HMAC-SHA256 2026"), "to sign: <masked> 2026");
    }

    #[test]
    fn what_goes_through_the_net_is_masked_and_counted_as_it_came() {
        let mut net = Net(Vec::new());
        net.write_all(b"X-Amz-Signature=abc&a").unwrap();
        assert_eq!(net.0, b"X-Amz-Signature=<masked>&a");
    }

    #[test]
    fn key_ids_are_masked() {
        assert_eq!(mask("keys AKIAIOSFODNN7EXAMPLE and ASIAIOSFODNN7EXAMPLE"), "keys <masked> and <masked>");
    }

    #[test]
    fn what_is_no_secret_stays() {
        for text in [
            "authorization was refused",
            "x-amz-request-id is known",
            "AKIA is a prefix, ASIA another",
            "a=b&c=d",
            "Maße",
        ] {
            assert_eq!(mask(text), text);
        }
    }
}
