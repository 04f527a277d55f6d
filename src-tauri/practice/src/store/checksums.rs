//! Checksums as S3 names them: computing, comparing, combining those of parts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crc_fast::CrcAlgorithm;
use s3s::S3ErrorCode;
use serde::{Deserialize, Serialize};
use sha1::Digest as _;

use crate::store::StoreError;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Algorithm {
    Crc32,
    Crc32c,
    Crc64nvme,
    Sha1,
    Sha256,
}

/// Whether a checksum covers the object's bytes or the list of its parts' checksums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    FullObject,
    Composite,
}

impl Algorithm {
    pub const ALL: [Self; 5] = [Self::Crc32, Self::Crc32c, Self::Crc64nvme, Self::Sha1, Self::Sha256];

    pub fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    pub fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
        }
    }

    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(name))
    }

    pub fn of_header(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.header().eq_ignore_ascii_case(name))
    }

    fn bytes(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64nvme => 8,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    fn crc(self) -> Option<CrcAlgorithm> {
        match self {
            Self::Crc32 => Some(CrcAlgorithm::Crc32IsoHdlc),
            Self::Crc32c => Some(CrcAlgorithm::Crc32Iscsi),
            Self::Crc64nvme => Some(CrcAlgorithm::Crc64Nvme),
            Self::Sha1 | Self::Sha256 => None,
        }
    }

    pub fn can_cover_whole_uploads(self) -> bool {
        self.crc().is_some()
    }
}

/// The checksums known of one body, in base64.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checksums(Vec<(Algorithm, String)>);

impl Checksums {
    pub fn get(&self, algorithm: Algorithm) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == algorithm).map(|(_, value)| value.as_str())
    }

    pub fn set(&mut self, algorithm: Algorithm, value: String) {
        self.0.retain(|(known, _)| *known != algorithm);
        self.0.push((algorithm, value));
    }

    pub fn iter(&self) -> impl Iterator<Item = (Algorithm, &str)> {
        self.0.iter().map(|(algorithm, value)| (*algorithm, value.as_str()))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Only these, for an object that shows fewer than were computed.
    pub fn only(&self, algorithms: &[Algorithm]) -> Self {
        Self(self.0.iter().filter(|(algorithm, _)| algorithms.contains(algorithm)).cloned().collect())
    }

    /// Refuses values that cannot be checksums at all.
    pub fn check_form(&self) -> Result<(), StoreError> {
        for (algorithm, value) in self.iter() {
            if STANDARD.decode(value).is_ok_and(|bytes| bytes.len() == algorithm.bytes()) {
                continue;
            }
            let message = format!("Value for {} header is invalid.", algorithm.header());
            return Err(StoreError::Refused(s3s::S3Error::with_message(S3ErrorCode::InvalidRequest, message)));
        }
        Ok(())
    }
}

/// Computes several checksums over one stream of bytes.
pub struct Hasher {
    crcs: Vec<(Algorithm, crc_fast::Digest)>,
    sha1: Option<sha1::Sha1>,
    sha256: Option<sha2::Sha256>,
}

impl Hasher {
    pub fn new(algorithms: &[Algorithm]) -> Self {
        Self {
            crcs: algorithms
                .iter()
                .filter_map(|algorithm| algorithm.crc().map(|crc| (*algorithm, crc_fast::Digest::new(crc))))
                .collect(),
            sha1: algorithms.contains(&Algorithm::Sha1).then(sha1::Sha1::new),
            sha256: algorithms.contains(&Algorithm::Sha256).then(sha2::Sha256::new),
        }
    }

    pub fn update(&mut self, bytes: &[u8]) {
        for (_, digest) in &mut self.crcs {
            digest.update(bytes);
        }
        if let Some(hash) = &mut self.sha1 {
            hash.update(bytes);
        }
        if let Some(hash) = &mut self.sha256 {
            hash.update(bytes);
        }
    }

    pub fn finish(self) -> Checksums {
        let mut checksums = Checksums::default();
        for (algorithm, digest) in self.crcs {
            checksums.set(algorithm, crc_text(algorithm, digest.finalize()));
        }
        if let Some(hash) = self.sha1 {
            checksums.set(Algorithm::Sha1, STANDARD.encode(hash.finalize()));
        }
        if let Some(hash) = self.sha256 {
            checksums.set(Algorithm::Sha256, STANDARD.encode(hash.finalize()));
        }
        checksums
    }
}

fn crc_text(algorithm: Algorithm, value: u64) -> String {
    let bytes = value.to_be_bytes();
    STANDARD.encode(bytes.get(8 - algorithm.bytes()..).unwrap_or_default())
}

/// The checksum of the whole from those of its parts in order, each with its size.
pub fn whole(algorithm: Algorithm, parts: &[(&str, u64)]) -> Option<String> {
    let crc = algorithm.crc()?;
    let mut combined: Option<u64> = None;
    for (text, size) in parts {
        let bytes = STANDARD.decode(text).ok()?;
        let value = bytes.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
        combined = Some(match combined {
            None => value,
            Some(before) => crc_fast::checksum_combine(crc, before, value, *size),
        });
    }
    combined.map(|value| crc_text(algorithm, value))
}

/// The checksum of the list of checksums, with the number of parts behind it.
pub fn composite(algorithm: Algorithm, parts: &[&str]) -> Option<String> {
    let mut hasher = Hasher::new(&[algorithm]);
    for text in parts {
        hasher.update(&STANDARD.decode(text).ok()?);
    }
    let value = hasher.finish().get(algorithm)?.to_owned();
    Some(format!("{value}-{}", parts.len()))
}
