//! What a connection goes through.

use super::log::End;

/// The state of one connection's line. Bytes count from the connection's start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Line {
    #[default]
    Pass,
    /// Nothing more of what the client sends is read.
    StallReading,
    /// Nothing more of what the store answers is handed on.
    StallWriting,
    /// Nothing moves either way and nobody is told: a path that has died in the night.
    BlackHole,
    /// Ends at once with a reset. A connection that comes is reset as soon as it is there.
    Cut,
    /// Ends with a reset when so many bytes have gone up.
    ResetAfter { up: u64 },
    /// Ends with a reset when so many bytes have come down.
    ResetAfterAnswer { down: u64 },
    /// Ends politely when so many bytes have gone up.
    CloseAfter { up: u64 },
    /// Ends politely when so many bytes have come down.
    CloseAfterAnswer { down: u64 },
    /// No faster than this each way, in bytes a second; `None` is as fast as it goes.
    Slow { up: Option<u64>, down: Option<u64> },
}

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Up,
    Down,
}

impl Line {
    pub(crate) fn stalls(self, way: Way) -> bool {
        match self {
            Self::BlackHole => true,
            Self::StallReading => way == Way::Up,
            Self::StallWriting => way == Way::Down,
            _ => false,
        }
    }

    /// After how many bytes this way the connection ends, and how.
    pub(crate) fn ends_after(self, way: Way) -> Option<(u64, End)> {
        match (self, way) {
            (Self::Cut, _) => Some((0, End::Cut)),
            (Self::ResetAfter { up: bytes }, Way::Up) | (Self::ResetAfterAnswer { down: bytes }, Way::Down) => {
                Some((bytes, End::Cut))
            }
            (Self::CloseAfter { up: bytes }, Way::Up) | (Self::CloseAfterAnswer { down: bytes }, Way::Down) => {
                Some((bytes, End::Closed))
            }
            _ => None,
        }
    }

    pub(crate) fn bytes_per_second(self, way: Way) -> Option<u64> {
        match (self, way) {
            (Self::Slow { up, .. }, Way::Up) => up,
            (Self::Slow { down, .. }, Way::Down) => down,
            _ => None,
        }
    }
}
