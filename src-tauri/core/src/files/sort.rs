//! The order of rows: folders first, names as people count (2 before 10), then by size or date.

use super::{Entry, EntryKind};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// What rows are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SortBy {
    #[default]
    Name,
    Size,
    Changed,
}

pub(crate) fn compare(left: &Entry, right: &Entry, by: SortBy, descending: bool) -> Ordering {
    let folders_first = (left.kind() == EntryKind::File).cmp(&(right.kind() == EntryKind::File));
    let by_name = || natural(left.label(), right.label()).then_with(|| left.name.cmp(&right.name));
    let chosen = match by {
        SortBy::Name => by_name(),
        SortBy::Size => left.size_bytes.cmp(&right.size_bytes),
        SortBy::Changed => left.changed_at.cmp(&right.changed_at),
    };
    let chosen = if descending { chosen.reverse() } else { chosen };
    folders_first.then(chosen).then_with(by_name)
}

/// Case does not count, and runs of digits count as numbers.
fn natural(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left.chars().peekable(), right.chars().peekable());
    loop {
        let (first, second) = match (left.peek().copied(), right.peek().copied()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(first), Some(second)) => (first, second),
        };
        let order = if first.is_ascii_digit() && second.is_ascii_digit() {
            number(&mut left).cmp(&number(&mut right))
        } else {
            left.next();
            right.next();
            first.to_lowercase().cmp(second.to_lowercase())
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// Length without leading zeros, then the digits: compares numbers of any length.
fn number(letters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> (usize, String) {
    let mut digits = String::new();
    while let Some(digit) = letters.next_if(char::is_ascii_digit) {
        if digit != '0' || !digits.is_empty() {
            digits.push(digit);
        }
    }
    (digits.len(), digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_count_as_numbers() {
        assert_eq!(natural("Offer 2", "Offer 10"), Ordering::Less);
        assert_eq!(natural("offer 010", "Offer 10"), Ordering::Equal);
        assert_eq!(natural("a", "B"), Ordering::Less);
    }

    #[test]
    fn folders_come_first_in_either_direction() {
        let folder = Entry::folder("z/".to_owned());
        let file = Entry::file("a".to_owned(), 1, None, None);
        assert_eq!(compare(&folder, &file, SortBy::Name, false), Ordering::Less);
        assert_eq!(compare(&folder, &file, SortBy::Size, true), Ordering::Less);
    }
}
