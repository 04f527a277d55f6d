//! Into which parts a file is cut: 8 MiB each, larger only when 10,000 parts would not be enough.

use crate::error::{Code, Error, Operation, Result};
use crate::transfers::progress::size_text;

const MIB: u64 = 1024 * 1024;
/// Small enough to be sent again without a sigh, large enough that the requests cost nothing.
const USUAL_PART: u64 = 8 * MIB;
/// The most parts that S3 takes.
const MOST_PARTS: u64 = 10_000;
/// 48.8 TiB: ten thousand parts of 5 GiB.
pub(crate) const LARGEST_OBJECT: u64 = MOST_PARTS * 5 * 1024 * MIB;

/// The parts of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) size: u64,
    pub(crate) part_size: u64,
}

/// One part: its number from 1, and where it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) number: u32,
    pub(crate) offset: u64,
    pub(crate) length: u64,
}

impl Plan {
    /// Cuts a file of this size.
    ///
    /// # Errors
    /// `FileTooBig` over 48.8 TiB.
    pub(crate) fn new(size: u64) -> Result<Self> {
        if size > LARGEST_OBJECT {
            let error = Error::new(Code::FileTooBig, Operation::Upload);
            return Err(error.with("size", size_text(size)).with("max", size_text(LARGEST_OBJECT)));
        }
        let needed = size.div_ceil(MOST_PARTS).div_ceil(MIB) * MIB;
        Ok(Plan { size, part_size: needed.max(USUAL_PART) })
    }

    /// Cuts as it was cut before: an unfinished upload goes on with the parts that it was begun with.
    pub(crate) fn again(size: u64, part_size: u64) -> Option<Self> {
        let fits = part_size > 0 && size.div_ceil(part_size) <= MOST_PARTS;
        fits.then_some(Plan { size, part_size })
    }

    /// The parts in order; none for an empty file.
    pub(crate) fn parts(self) -> impl Iterator<Item = Part> {
        let count = self.size.div_ceil(self.part_size);
        (0..count).map(move |index| {
            let offset = index * self.part_size;
            let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
            Part { number, offset, length: self.part_size.min(self.size - offset) }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_cover_the_file_without_gap_or_overlap() {
        for size in [0, 1, USUAL_PART - 1, USUAL_PART, USUAL_PART + 1, 3 * USUAL_PART + 17] {
            let parts: Vec<Part> = Plan::new(size).unwrap().parts().collect();
            assert_eq!(parts.iter().map(|part| part.length).sum::<u64>(), size);
            let mut next = 0;
            for (index, part) in parts.iter().enumerate() {
                assert_eq!((part.number as usize, part.offset), (index + 1, next));
                next += part.length;
            }
        }
    }

    #[test]
    fn ten_thousand_parts_are_always_enough() {
        for size in [80 * 1024 * MIB, 80_000 * MIB + 1, 6 * 1024 * 1024 * MIB, LARGEST_OBJECT - 1, LARGEST_OBJECT] {
            let plan = Plan::new(size).unwrap();
            assert!(plan.parts().count() as u64 <= MOST_PARTS, "{size}");
            assert!(plan.part_size <= 5 * 1024 * MIB, "{size}");
            assert_eq!(plan.parts().map(|part| part.length).sum::<u64>(), size);
        }
    }

    #[test]
    fn a_file_that_no_store_takes_is_refused_before_a_byte_is_sent() {
        assert_eq!(Plan::new(LARGEST_OBJECT + 1).unwrap_err().code(), Code::FileTooBig);
    }
}
