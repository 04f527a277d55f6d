//! A place on the page, named by the page's own `data-testid` and never by its words or its looks.

use std::fmt;

/// `spot("row").having("data-name", "a.pdf").inside("row-copy-link")`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot(String);

pub fn spot(name: &str) -> Spot {
    Spot(format!("[data-testid={}]", quoted(name)))
}

/// Something on a page that is not the app's and has no such names.
pub fn css(selector: &str) -> Spot {
    Spot(selector.to_owned())
}

/// The row of a file or folder, by the name it shows.
pub fn row(name: &str) -> Spot {
    spot("row").having("data-name", name)
}

/// The upload of a file in the list of transfers.
pub fn transfer(name: &str) -> Spot {
    spot("transfer").having("data-name", name)
}

impl Spot {
    pub fn having(self, attribute: &str, value: &str) -> Self {
        Self(format!("{}[{attribute}={}]", self.0, quoted(value)))
    }

    /// Something within it.
    pub fn inside(self, name: &str) -> Self {
        Self(format!("{} {}", self.0, spot(name).0))
    }

    pub(crate) fn css(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A CSS string: quotes, backslashes and line ends would end it.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' | '\r' | '\u{c}' => quoted.push_str(&format!("\\{:x} ", u32::from(character))),
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_file_name_can_be_looked_for() {
        let found = row("a \"b\"\\c\nd").inside("row-copy-link");
        assert_eq!(
            found.css(),
            "[data-testid=\"row\"][data-name=\"a \\\"b\\\"\\\\c\\a d\"] [data-testid=\"row-copy-link\"]"
        );
    }
}
