//! The files a new practice place starts with: plausible, small, and what their names say.

use s3s::dto::StreamingBlob;

use crate::service::Service;
use crate::service::write::Promise;
use crate::store::StoreError;
use crate::store::details::Details;
use crate::store::objects::Condition;

struct Sample {
    key: &'static str,
    content_type: &'static str,
    content: &'static [u8],
}

macro_rules! samples {
    ($($key:literal, $file:literal, $kind:literal;)*) => {
        const SAMPLES: &[Sample] = &[$(Sample {
            key: $key,
            content_type: $kind,
            content: include_bytes!(concat!("../samples/", $file)),
        }),*];
    };
}

samples! {
    "Welcome to Satchel.pdf", "welcome.pdf", "application/pdf";
    "Contract Müller & Söhne (signed).pdf", "contract.pdf", "application/pdf";
    "Offer 2026-118.pdf", "offer.pdf", "application/pdf";
    "Press release EN.txt", "press.txt", "text/plain; charset=utf-8";
    "Quarter figures Q3.xlsx", "quarter.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    "Thank you all 🎉.txt", "thanks.txt", "text/plain; charset=utf-8";
    "Trade fair stand – plan.png", "plan.png", "image/png";
    "Visitor list.csv", "visitors.csv", "text/csv; charset=utf-8";
    "Autumn campaign/Key visual – dunes.png", "key-visual.png", "image/png";
    "Autumn campaign/Open points.txt", "notes.txt", "text/plain; charset=utf-8";
    "Price lists/Price list 2026.xlsx", "prices.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    "Price lists/Preisliste für Händler.csv", "prices.csv", "text/csv; charset=utf-8";
}

pub async fn seed(service: &Service, bucket: &str) -> Result<(), StoreError> {
    for sample in SAMPLES {
        let body = StreamingBlob::from(s3s::Body::from(sample.content.to_vec()));
        let received = service.take_body(Some(body), &Promise::default(), None, u64::MAX).await?;
        let details = Details { content_type: Some(sample.content_type.to_owned()), ..Details::default() };
        service.put(bucket.to_owned(), sample.key.to_owned(), received, details, None, Condition::default()).await?;
    }
    Ok(())
}
