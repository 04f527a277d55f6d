//! Completing a multipart upload: the list is checked, the checksums are put together, the parts become
//! the file in one transaction. No byte is copied.

use md5::{Digest as _, Md5};
use s3s::dto::*;
use s3s::{S3Error, S3ErrorCode, S3Request, S3Response};

use crate::service::convert::{condition, etag, fill_checksums, given_checksums};
use crate::service::{Reply, Work};
use crate::signature::canonical::hex;
use crate::store::StoreError;
use crate::store::buckets;
use crate::store::checksums::{Algorithm, Checksums, Kind, composite, whole};
use crate::store::objects::{self, NewObject, Piece};
use crate::store::uploads::{self, PartRow, UploadRow};

const MIN_PART_BYTES: u64 = 5 << 20;

/// One line of the list the client sends.
struct Claim {
    number: u32,
    etag: String,
    checksums: Checksums,
}

fn claims(list: Option<CompletedMultipartUpload>) -> Result<Vec<Claim>, StoreError> {
    let malformed = || {
        StoreError::refuse(
            S3ErrorCode::MalformedXML,
            "The XML you provided was not well-formed or did not validate against our published schema",
        )
    };
    let parts = list.and_then(|list| list.parts).filter(|parts| !parts.is_empty()).ok_or_else(malformed)?;
    if parts.len() > 10_000 {
        return Err(malformed());
    }
    let mut claims: Vec<Claim> = Vec::with_capacity(parts.len());
    for part in parts {
        let checksums = given_checksums!(part);
        let number = part.part_number.and_then(|number| u32::try_from(number).ok()).ok_or_else(malformed)?;
        let etag = part.e_tag.ok_or_else(malformed)?.into_value();
        if claims.last().is_some_and(|last| last.number >= number) {
            return Err(StoreError::refuse(
                S3ErrorCode::InvalidPartOrder,
                "The list of parts was not in ascending order. The parts list must be specified in order by part number.",
            ));
        }
        claims.push(Claim { number, etag, checksums });
    }
    Ok(claims)
}

/// The parts the list names, in its order.
fn named(claims: &[Claim], known: Vec<PartRow>) -> Result<(Vec<PartRow>, Vec<String>), StoreError> {
    let mut named = Vec::with_capacity(claims.len());
    let mut left_out = Vec::new();
    let mut claims = claims.iter().peekable();
    let invalid = || {
        StoreError::refuse(
            S3ErrorCode::InvalidPart,
            "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
        )
    };
    for part in known {
        match claims.peek() {
            Some(claim) if claim.number == part.number => {
                let differs = claim
                    .checksums
                    .iter()
                    .any(|(algorithm, value)| part.checksums.get(algorithm).is_some_and(|right| right != value));
                if claim.etag.trim_matches('"') != part.etag || differs {
                    return Err(invalid());
                }
                claims.next();
                named.push(part);
            }
            Some(claim) if claim.number < part.number => return Err(invalid()),
            _ => left_out.push(part.body),
        }
    }
    if claims.next().is_some() {
        return Err(invalid());
    }
    let small = named.iter().rev().skip(1).any(|part| part.size < MIN_PART_BYTES);
    if small {
        return Err(StoreError::refuse(
            S3ErrorCode::EntityTooSmall,
            "Your proposed upload is smaller than the minimum allowed size",
        ));
    }
    Ok((named, left_out))
}

fn sums(upload: &UploadRow, parts: &[PartRow]) -> Option<(Algorithm, Kind, String)> {
    let (algorithm, kind) = (upload.algorithm.unwrap_or(Algorithm::Crc64nvme), upload.kind.unwrap_or(Kind::FullObject));
    let value = match kind {
        Kind::FullObject => {
            let list: Option<Vec<_>> =
                parts.iter().map(|part| part.checksums.get(algorithm).map(|text| (text, part.size))).collect();
            whole(algorithm, &list?)
        }
        Kind::Composite => {
            let list: Option<Vec<_>> = parts.iter().map(|part| part.checksums.get(algorithm)).collect();
            composite(algorithm, &list?)
        }
    };
    value.map(|value| (algorithm, kind, value))
}

fn etag_of(parts: &[PartRow]) -> Result<String, StoreError> {
    let mut md5 = Md5::new();
    for part in parts {
        let mut bytes = [0_u8; 16];
        for (place, byte) in bytes.iter_mut().enumerate() {
            let digits = part.etag.get(place * 2..place * 2 + 2).unwrap_or("00");
            *byte = u8::from_str_radix(digits, 16).unwrap_or(0);
        }
        md5.update(bytes);
    }
    Ok(format!("{}-{}", hex(&md5.finalize()), parts.len()))
}

fn bad_digest(algorithm: Algorithm) -> StoreError {
    let message = format!("The {} you specified did not match the calculated checksum.", algorithm.name());
    StoreError::Refused(S3Error::with_message(S3ErrorCode::BadDigest, message))
}

impl Work<'_> {
    pub async fn complete_multipart_upload(
        self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> Reply<CompleteMultipartUploadOutput> {
        let host = request.headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default().to_owned();
        let input = request.input;
        let condition = condition(input.if_match.as_ref(), input.if_none_match.as_ref())?;
        let promised = given_checksums!(input);
        let promised_kind = input.checksum_type.clone();
        let promised_size = input.mpu_object_size;
        let modified = self.clock.now_millis();
        let bodies = self.store.bodies.clone();
        let (bucket_name, key, upload_id) = (input.bucket.clone(), input.key.clone(), input.upload_id);
        let list = input.multipart_upload;
        let (placed, tag, sums) = self
            .store
            .ask(move |connection| {
                let transaction = connection.transaction()?;
                let bucket = buckets::find(&transaction, &bucket_name)?;
                let upload = uploads::find(&transaction, &bucket_name, &key, &upload_id)?;
                let claims = claims(list)?;
                let (parts, left_out) = named(&claims, uploads::parts(&transaction, &upload_id, 0, usize::MAX)?)?;
                let size: u64 = parts.iter().map(|part| part.size).sum();
                if promised_size.is_some_and(|promised| u64::try_from(promised).ok() != Some(size)) {
                    return Err(StoreError::refuse(
                        S3ErrorCode::InvalidRequest,
                        "The provided 'x-amz-mp-object-size' header does not match what was computed.",
                    ));
                }
                let sums = sums(&upload, &parts);
                let mut details = upload.details;
                if let Some((algorithm, kind, value)) = &sums {
                    if promised_kind.as_ref().is_some_and(|promised| promised.as_str() != kind.name()) {
                        return Err(StoreError::refuse(
                            S3ErrorCode::InvalidRequest,
                            "The upload was created using a different checksum mode. The complete request must include the same checksum mode.",
                        ));
                    }
                    for (promised, given) in promised.iter() {
                        let same = given == value || value.split_once('-').is_some_and(|(bare, _)| bare == given);
                        if promised != *algorithm || !same {
                            return Err(bad_digest(promised));
                        }
                    }
                    details.checksums.set(*algorithm, value.clone());
                    details.checksum_kind = Some(*kind);
                }
                details.parts = u32::try_from(parts.len()).ok();
                let etag = etag_of(&parts)?;
                let new = NewObject {
                    size,
                    etag: etag.clone(),
                    modified,
                    algorithm: sums.as_ref().map_or("", |(algorithm, ..)| algorithm.name()),
                    details,
                    pieces: parts
                        .into_iter()
                        .map(|part| Piece { body: Some(part.body), size: part.size, checksums: part.checksums })
                        .collect(),
                };
                let placed = objects::place(&transaction, &bucket, &key, &new, &condition)?;
                uploads::forget(&transaction, &upload_id)?;
                transaction.commit()?;
                bodies.remove(&placed.orphans);
                bodies.remove(&left_out);
                Ok((placed, etag, sums))
            })
            .await?;
        let path: Vec<_> = input.key.split('/').map(urlencoding::encode).collect();
        let mut output = CompleteMultipartUploadOutput {
            location: Some(format!("http://{host}/{}/{}", input.bucket, path.join("/"))),
            bucket: Some(input.bucket),
            key: Some(input.key),
            e_tag: Some(etag(&tag)),
            version_id: placed.version,
            ..CompleteMultipartUploadOutput::default()
        };
        if let Some((algorithm, kind, value)) = sums {
            let mut checksums = Checksums::default();
            checksums.set(algorithm, value);
            fill_checksums!(output, checksums);
            output.checksum_type = Some(ChecksumType::from_static(kind.name()));
        }
        Ok(S3Response::new(output))
    }
}
