//! The layer in front of s3s: reads the request exactly as it came, judges signature and body, strikes
//! with faults, keeps the log, answers preflights and forms, and gives every answer its last touches.

pub mod body;
pub mod cors;
pub mod form;
pub mod head;
pub mod intake;
pub mod refusal;
pub mod touches;

use std::sync::Arc;

use hyper::body::Incoming;
use hyper::header::{CONTENT_RANGE, EXPECT, HeaderValue};
use hyper::{Request, Response, StatusCode};
use s3s::service::S3Service;
use tokio::sync::{oneshot, watch};
use uuid::Uuid;

use crate::access::{Caller, permits};
use crate::faults::{Fault, Faults};
use crate::identity::Identity;
use crate::operation::Operation;
use crate::requests::{Entry, Requests};
use crate::service::Service;
use crate::signature::{Judge, Payload, Signed};
use body::{Dropped, Harm, ReplyBody, RequestBody, Unread};
use head::Head;
use refusal::Refusal;

/// Refused bodies are read to their end up to here, so that the client gets to see the refusal.
const MAX_DRAINED_BYTES: u64 = 64 << 20;

/// Everything a connection needs.
pub struct Gate {
    pub s3: S3Service,
    pub service: Service,
    pub bucket: String,
    pub identities: watch::Sender<Arc<[Arc<Identity>]>>,
    pub faults: Faults,
    pub requests: Requests,
}

type Answer = Response<ReplyBody>;

impl Gate {
    pub async fn serve(self: Arc<Self>, request: Request<Incoming>) -> Result<Answer, Dropped> {
        let request_id = Uuid::new_v4().simple().to_string().to_uppercase();
        let (mut parts, incoming) = request.into_parts();
        let head = match Head::read(&parts) {
            Ok(head) => head,
            Err(refusal) => return Ok(self.touch(refusal.into_response(&request_id), &request_id)),
        };
        let operation = Operation::of(&head);
        let entry = self.requests.begin(operation, &head);
        let faults = self.faults.strike(operation, &head);
        let expects = parts.headers.remove(EXPECT).is_some();
        let (body, unread) = RequestBody::new(incoming, Harm::to_request(&faults), entry.clone());
        let body = s3s::Body::http_body(body);
        let outcome = self.carry_out(&head, operation, &entry, &faults, Request::from_parts(parts, body), &request_id);
        let answer = outcome.await;
        let still_open = drain(unread, expects).await;
        let mut answer = match answer {
            Ok(answer) if still_open => answer,
            _ => {
                entry.finish();
                return Err(Dropped);
            }
        };
        self.add_cors(&head, &mut answer).await;
        let mut answer = self.touch(touches::escape_controls(answer).await, &request_id);
        for fault in &faults {
            match fault {
                Fault::HoldReply(hold) => hold.clone().pass().await,
                Fault::LoseReply => {
                    entry.finish();
                    return Err(Dropped);
                }
                other => answer = touches::spoil(answer, other),
            }
        }
        let status = answer.status();
        let (answer, code) = touches::code_of(answer).await;
        entry.answer(status.as_u16(), code);
        Ok(answer.map(|body| body.watched(Harm::to_reply(&faults), entry)))
    }

    async fn carry_out(
        &self,
        head: &Head,
        operation: Operation,
        entry: &Entry,
        faults: &[Fault],
        mut request: Request<s3s::Body>,
        request_id: &str,
    ) -> Result<Answer, Dropped> {
        for fault in faults {
            match fault {
                Fault::Delay(time) => tokio::time::sleep(*time).await,
                Fault::Hold(hold) => hold.clone().pass().await,
                Fault::Drop => return Err(Dropped),
                Fault::IgnoreHeader(name) => drop(request.headers_mut().remove(*name)),
                other => {
                    if let Some(answer) = touches::stand_in(other, request_id) {
                        return Ok(answer);
                    }
                }
            }
        }
        match self.proceed(head, operation, entry, request).await {
            Ok(answer) => Ok(answer),
            Err(refusal) => Ok(refusal.into_response(request_id)),
        }
    }

    async fn proceed(
        &self,
        head: &Head,
        operation: Operation,
        entry: &Entry,
        mut request: Request<s3s::Body>,
    ) -> Result<Answer, Refusal> {
        if operation == Operation::Preflight {
            return self.preflight(head).await;
        }
        if operation == Operation::PostObject {
            return self.take_form(head, entry, request).await;
        }
        let identities = Arc::clone(&self.identities.borrow());
        let judge = Judge { identities: &identities, region: &self.service.region, now: self.service.clock.now() };
        let Signed { identity, payload } =
            judge.request(head)?.ok_or_else(|| Refusal::access_denied("Access Denied"))?;
        entry.identity(&identity.access_key_id);
        intake::check_head(head)?;
        let caller = Caller {
            operation,
            key: head.key.clone(),
            prefix: head.query("prefix").unwrap_or_default().to_owned(),
            body_sha256: match &payload {
                Payload::Sha256(digest) => Some(digest.clone()),
                _ => None,
            },
            identity,
        };
        if !permits(&caller.identity.allow, operation, &head.key, &caller.prefix) {
            return Err(Refusal::access_denied("Access Denied"));
        }
        request = intake::prepare(request, head, operation, &payload).await?;
        request.extensions_mut().insert(caller);
        let response = self.s3.call(request).await.map_err(|error| {
            tracing::warn!(?error, "s3s could not answer");
            Refusal::new(400, "InvalidRequest", "The request could not be understood.")
        })?;
        let mut answer = response.map(ReplyBody::from_inner);
        if operation == Operation::HeadObject && answer.headers().contains_key(CONTENT_RANGE) {
            // s3s answers 200 to every HEAD.
            *answer.status_mut() = StatusCode::PARTIAL_CONTENT;
        }
        if operation == Operation::HeadBucket {
            // Also told to those who are refused: it is how a client finds the right region.
            if let Ok(region) = HeaderValue::from_str(&self.service.region) {
                answer.headers_mut().insert("x-amz-bucket-region", region);
            }
        }
        Ok(answer)
    }

    fn touch(&self, answer: Answer, request_id: &str) -> Answer {
        touches::last(answer, self.service.clock.now(), request_id)
    }
}

/// Reads what nobody wanted of a request's body. False if the connection has to go.
async fn drain(unread: oneshot::Receiver<Unread>, client_waits: bool) -> bool {
    match unread.await {
        Ok(Unread::Rest(rest)) if !client_waits => {
            use http_body_util::BodyExt as _;
            let mut rest = rest;
            let mut drained = 0;
            while let Some(Ok(frame)) = rest.frame().await {
                drained += frame.data_ref().map_or(0, |data| data.len() as u64);
                if drained > MAX_DRAINED_BYTES {
                    break;
                }
            }
            true
        }
        Ok(Unread::Cut) => false,
        Ok(_) | Err(_) => true,
    }
}
