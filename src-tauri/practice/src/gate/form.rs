//! Uploads by form, as a file request makes them from a plain page: the policy is judged before the file
//! is read, the file is streamed to the disk.

pub mod fields;
pub mod policy;

use std::sync::Arc;

use bytes::Bytes;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Request, Response, StatusCode};
use s3s::S3Error;
use s3s::dto::StreamingBlob;

use crate::access::permits;
use crate::gate::Gate;
use crate::gate::body::ReplyBody;
use crate::gate::head::Head;
use crate::gate::intake::check_acl;
use crate::gate::refusal::{Refusal, escape_into};
use crate::operation::Operation;
use crate::requests::Entry;
use crate::service::write::{MAX_FILE_BYTES, Promise, tags};
use crate::signature::{FormSignature, Judge};
use crate::store::details::Details;
use crate::store::objects::Condition;
use crate::store::{StoreError, buckets};
use fields::Form;
use policy::Policy;

impl Gate {
    pub(super) async fn take_form(
        &self,
        head: &Head,
        entry: &Entry,
        request: Request<s3s::Body>,
    ) -> Result<Response<ReplyBody>, Refusal> {
        let boundary = fields::boundary(head.header("content-type").unwrap_or_default())?;
        let mut form = Form::read(request.into_body(), &boundary).await?;
        let name = form.file_name.clone();
        let key = form.required("key")?.replace("${filename}", &name);
        form.set("key", &key);
        entry.key(&key);
        if key.is_empty() {
            return Err(Refusal::new(
                400,
                "UserKeyMustBeSpecified",
                "The bucket POST must contain the specified field name. If it is specified, please check the order of the fields.",
            ));
        }
        if key.len() > 1024 {
            return Err(Refusal::new(400, "KeyTooLongError", "Your key is too long"));
        }
        let policy = self.judge_form(head, entry, &form, &key)?;
        check_acl(form.get("acl"))?;
        let bucket = head.bucket.clone();
        self.service.store.ask(move |connection| buckets::find(connection, &bucket)).await.map_err(refused)?;
        let details = details(&form)?;
        let promise = Promise::read(&form.headers()).map_err(refused)?;
        let chosen = promise.chosen();
        let (least, most) = policy.length_range.unwrap_or((0, MAX_FILE_BYTES));
        let file = StreamingBlob::wrap(form.file);
        let received = self.service.take_body(Some(file), &promise, None, most.min(MAX_FILE_BYTES)).await;
        let received = received.map_err(|error| too_large(error, most))?;
        if received.size < least {
            return Err(Refusal::new(
                400,
                "EntityTooSmall",
                "Your proposed upload is smaller than the minimum allowed size",
            )
            .with("ProposedSize", received.size.to_string())
            .with("MinSizeAllowed", least.to_string()));
        }
        let (placed, etag, _) = self
            .service
            .put(head.bucket.clone(), key.clone(), received, details, chosen, Condition::default())
            .await
            .map_err(refused)?;
        let location = location(head, &key);
        Ok(answer(head, &form.fields, &key, &etag, &location, placed.version.as_deref()))
    }

    fn judge_form(&self, head: &Head, entry: &Entry, form: &Form, key: &str) -> Result<Policy, Refusal> {
        let Some(text) = form.get("policy") else { return Err(Refusal::access_denied("Access Denied")) };
        if form.get("x-amz-signature").is_none() && form.get("signature").is_some() {
            return Err(Refusal::new(
                400,
                "InvalidRequest",
                "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
            ));
        }
        let now = self.service.clock.now();
        let identities = Arc::clone(&self.identities.borrow());
        let judge = Judge { identities: &identities, region: &self.service.region, now };
        let identity = judge.form(&FormSignature {
            algorithm: form.required("x-amz-algorithm")?,
            credential: form.required("x-amz-credential")?,
            date: form.required("x-amz-date")?,
            policy: text,
            signature: form.required("x-amz-signature")?,
            token: form.get("x-amz-security-token"),
        })?;
        entry.identity(&identity.access_key_id);
        let policy = Policy::parse(text)?;
        policy.check(&head.bucket, &form.fields, now)?;
        if !permits(&identity.allow, Operation::PostObject, key, "") {
            return Err(Refusal::access_denied("Access Denied"));
        }
        Ok(policy)
    }
}

fn refused(error: StoreError) -> Refusal {
    Refusal::from(S3Error::from(error))
}

fn too_large(error: StoreError, most: u64) -> Refusal {
    let refusal = refused(error);
    if refusal.code == "EntityTooLarge" { refusal.with("MaxSizeAllowed", most.to_string()) } else { refusal }
}

fn details(form: &Form) -> Result<Details, Refusal> {
    let text = |name: &str| form.get(name).filter(|text| !text.is_empty()).map(str::to_owned);
    let mut details = Details {
        content_type: text("content-type").or_else(|| Some("binary/octet-stream".to_owned())),
        cache_control: text("cache-control"),
        content_disposition: text("content-disposition"),
        content_encoding: text("content-encoding"),
        content_language: text("content-language"),
        ..Details::default()
    };
    for (name, value) in &form.fields {
        if let Some(name) = name.strip_prefix("x-amz-meta-") {
            details.metadata.insert(name.to_owned(), value.clone());
        }
    }
    if let Some(header) = form.get("x-amz-tagging") {
        details.tags = tags(header).map_err(refused)?;
    }
    details.check().map_err(refused)?;
    Ok(details)
}

fn location(head: &Head, key: &str) -> String {
    let path: Vec<_> = key.split('/').map(urlencoding::encode).collect();
    format!("http://{}/{}/{}", head.header("host").unwrap_or_default(), head.bucket, path.join("/"))
}

/// The sender may choose among three statuses or name a page to go to.
fn answer(
    head: &Head,
    fields: &[(String, String)],
    key: &str,
    etag: &str,
    location: &str,
    version: Option<&str>,
) -> Response<ReplyBody> {
    let field = |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let target = field("success_action_redirect").or(field("redirect"));
    let redirect = target.filter(|page| page.starts_with("http://") || page.starts_with("https://"));
    let (status, body, place) = if let Some(page) = redirect {
        let mark = if page.contains('?') { '&' } else { '?' };
        let query = format!(
            "bucket={}&key={}&etag={}",
            head.bucket,
            urlencoding::encode(key),
            urlencoding::encode(&format!("\"{etag}\""))
        );
        (StatusCode::SEE_OTHER, String::new(), format!("{page}{mark}{query}"))
    } else {
        match field("success_action_status") {
            Some("200") => (StatusCode::OK, String::new(), location.to_owned()),
            Some("201") => (StatusCode::CREATED, document(head, key, etag, location), location.to_owned()),
            _ => (StatusCode::NO_CONTENT, String::new(), location.to_owned()),
        }
    };
    let has_body = !body.is_empty();
    let mut answer = Response::new(ReplyBody::full(Bytes::from(body)));
    *answer.status_mut() = status;
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            answer.headers_mut().insert(HeaderName::from_static(name), value);
        }
    };
    set("location", &place);
    set("etag", &format!("\"{etag}\""));
    if let Some(version) = version {
        set("x-amz-version-id", version);
    }
    if has_body {
        set("content-type", "application/xml");
    }
    answer
}

fn document(head: &Head, key: &str, etag: &str, location: &str) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PostResponse>");
    for (name, value) in
        [("Location", location), ("Bucket", &head.bucket), ("Key", key), ("ETag", &format!("\"{etag}\""))]
    {
        text.push_str(&format!("<{name}>"));
        escape_into(&mut text, value);
        text.push_str(&format!("</{name}>"));
    }
    text.push_str("</PostResponse>");
    text
}
