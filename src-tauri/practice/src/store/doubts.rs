//! What can be wrong with a request to the store, and which S3 code says so.

use std::path::PathBuf;

use s3s::{S3Error, S3ErrorCode};

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("another practice place has the folder {} open", .0.display())]
    InUse(PathBuf),
    #[error("the practice place is closed")]
    Closed,
    #[error("the index of the practice place failed")]
    Index(#[from] rusqlite::Error),
    #[error("a file of the practice place failed")]
    File(#[from] std::io::Error),
    #[error("the index of the practice place cannot be read")]
    Unreadable(#[from] serde_json::Error),
    #[error("refused")]
    Refused(S3Error),
}

impl StoreError {
    pub fn refuse(code: S3ErrorCode, message: &'static str) -> Self {
        Self::Refused(S3Error::with_message(code, message))
    }

    pub fn custom(status: u16, code: &'static str, message: &'static str) -> Self {
        let mut error = S3Error::with_message(S3ErrorCode::Custom(code.into()), message);
        error.set_status_code(hyper::StatusCode::from_u16(status).unwrap_or(hyper::StatusCode::BAD_REQUEST));
        Self::Refused(error)
    }

    pub fn no_such_bucket() -> Self {
        Self::refuse(S3ErrorCode::NoSuchBucket, "The specified bucket does not exist")
    }

    pub fn no_such_key() -> Self {
        Self::refuse(S3ErrorCode::NoSuchKey, "The specified key does not exist.")
    }

    pub fn no_such_upload() -> Self {
        Self::refuse(
            S3ErrorCode::NoSuchUpload,
            "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
        )
    }

    pub fn precondition_failed() -> Self {
        Self::refuse(S3ErrorCode::PreconditionFailed, "At least one of the pre-conditions you specified did not hold")
    }

    pub fn invalid_argument(message: &'static str) -> Self {
        Self::refuse(S3ErrorCode::InvalidArgument, message)
    }
}

impl From<S3Error> for StoreError {
    fn from(error: S3Error) -> Self {
        Self::Refused(error)
    }
}

impl From<StoreError> for S3Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Refused(error) => error,
            StoreError::File(cause) if cause.kind() == std::io::ErrorKind::StorageFull => {
                let mut error = Self::with_message(
                    S3ErrorCode::Custom("InsufficientStorage".into()),
                    "There is no room left where the practice place is kept.",
                );
                error.set_status_code(hyper::StatusCode::INSUFFICIENT_STORAGE);
                error
            }
            StoreError::Closed => Self::with_message(S3ErrorCode::ServiceUnavailable, "The practice place is closing."),
            other => Self::internal_error(other),
        }
    }
}
