//! Checksums: CRC64NVME over every byte that is read or written, MD5 only where a store knows nothing better.

use super::Checksum;
use aws_smithy_types::base64;
use crc_fast::{CrcAlgorithm, Digest as CrcDigest};
use md5::{Digest as _, Md5};

/// S3's name for the checksum that we send.
pub(crate) const CRC64NVME: &str = "CRC64NVME";

/// The CRC64NVME of so many bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Crc {
    pub(crate) value: u64,
    pub(crate) length: u64,
}

impl Crc {
    /// Of no bytes at all.
    pub(crate) const EMPTY: Crc = Crc { value: 0, length: 0 };

    pub(crate) fn of(bytes: &[u8]) -> Crc {
        Crc { value: crc_fast::checksum(CrcAlgorithm::Crc64Nvme, bytes), length: bytes.len() as u64 }
    }

    /// Of these bytes and those that follow.
    #[must_use]
    pub(crate) fn then(self, next: Crc) -> Crc {
        match (self.length, next.length) {
            (0, _) => next,
            (_, 0) => self,
            (before, after) => Crc {
                value: crc_fast::checksum_combine(CrcAlgorithm::Crc64Nvme, self.value, next.value, after),
                length: before + after,
            },
        }
    }

    /// As S3 writes it: eight bytes, big end first, base64.
    pub(crate) fn text(self) -> String {
        base64::encode(self.value.to_be_bytes())
    }

    pub(crate) fn public(self) -> Checksum {
        Checksum { algorithm: CRC64NVME, value: self.text() }
    }
}

/// The CRC64NVME of what arrives piece by piece. Cheaper than joining the sums of the pieces.
#[derive(Debug, Clone)]
pub(crate) struct CrcRun {
    digest: CrcDigest,
    length: u64,
}

impl Default for CrcRun {
    fn default() -> Self {
        CrcRun { digest: CrcDigest::new(CrcAlgorithm::Crc64Nvme), length: 0 }
    }
}

impl CrcRun {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.digest.update(bytes);
        self.length += bytes.len() as u64;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.length == 0
    }

    pub(crate) fn finish(self) -> Crc {
        if self.is_empty() {
            return Crc::EMPTY;
        }
        Crc { value: self.digest.finalize(), length: self.length }
    }
}

/// An MD5 sum, for stores that know no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Md5Sum([u8; 16]);

impl Md5Sum {
    #[cfg(test)]
    pub(crate) fn of(bytes: &[u8]) -> Md5Sum {
        Md5Sum(Md5::digest(bytes).into())
    }

    pub(crate) fn from_bytes(bytes: [u8; 16]) -> Md5Sum {
        Md5Sum(bytes)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// For `Content-MD5`.
    pub(crate) fn base64(self) -> String {
        base64::encode(self.0)
    }

    /// The `ETag` that most stores give an object of these parts.
    pub(crate) fn etag_of_parts(parts: &[Md5Sum]) -> String {
        let mut all = Md5::new();
        for part in parts {
            all.update(part.0);
        }
        let digest: [u8; 16] = all.finalize().into();
        format!("{}-{}", hex(&digest), parts.len())
    }
}

/// MD5 of what arrives piece by piece.
#[derive(Default)]
pub(crate) struct Md5Run(Md5);

impl Md5Run {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn finish(self) -> Md5Sum {
        Md5Sum(self.0.finalize().into())
    }
}

/// An `ETag` without its quotes.
pub(crate) fn plain_etag(etag: &str) -> &str {
    etag.trim().trim_start_matches("W/").trim_matches('"')
}

/// An `ETag` that can be an MD5 sum.
pub(crate) fn parse_md5(etag: &str) -> Option<Md5Sum> {
    let text = plain_etag(etag);
    if text.len() != 32 || !text.is_ascii() {
        return None;
    }
    let mut sum = [0; 16];
    for (index, byte) in sum.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(index * 2..index * 2 + 2)?, 16).ok()?;
    }
    Some(Md5Sum(sum))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_of_the_parts_is_the_checksum_of_the_whole() {
        let bytes: Vec<u8> = (0..100_000_u32).map(|number| (number % 251) as u8).collect();
        let parts = bytes.chunks(33_333).map(Crc::of).fold(Crc::EMPTY, Crc::then);
        assert_eq!(parts, Crc::of(&bytes));
        let mut run = CrcRun::default();
        bytes.chunks(7_919).for_each(|chunk| run.update(chunk));
        assert_eq!(run.finish(), Crc::of(&bytes));
        assert_eq!(CrcRun::default().finish(), Crc::EMPTY);
    }

    #[test]
    fn the_checksum_is_written_as_s3_writes_it() {
        // The check value of CRC-64/NVME is AE8B14860A799888.
        assert_eq!(Crc::of(b"123456789").text(), "rosUhgp5mIg=");
        assert_eq!(Crc::of(b""), Crc::EMPTY);
    }

    #[test]
    fn an_etag_is_an_md5_sum_only_if_it_looks_like_one() {
        assert_eq!(parse_md5("\"d41d8cd98f00b204e9800998ecf8427e\""), Some(Md5Sum::of(b"")));
        assert_eq!(parse_md5("\"d41d8cd98f00b204e9800998ecf8427e-2\""), None);
        assert_eq!(parse_md5("zz"), None);
    }
}
