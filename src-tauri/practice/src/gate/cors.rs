//! What a browser on another origin is told: the answer to a preflight, and the headers on answers, by
//! the rules of the bucket.

use bytes::Bytes;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{HeaderMap, Response};

use crate::gate::Gate;
use crate::gate::body::ReplyBody;
use crate::gate::head::Head;
use crate::gate::refusal::Refusal;
use crate::store::buckets::{self, CorsRule};

/// At most one star, standing for anything.
fn fits(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, end)) => text.len() >= start.len() + end.len() && text.starts_with(start) && text.ends_with(end),
    }
}

impl CorsRule {
    fn allows(&self, origin: &str, method: &str, headers: &[String]) -> bool {
        self.origins.iter().any(|pattern| fits(pattern, origin))
            && self.methods.iter().any(|allowed| allowed == method)
            && headers.iter().all(|name| self.headers.iter().any(|pattern| fits(&pattern.to_ascii_lowercase(), name)))
    }

    fn write(&self, headers: &mut HeaderMap, origin: &str) {
        let any = self.origins.iter().any(|pattern| pattern == "*");
        set(headers, "access-control-allow-origin", if any { "*" } else { origin });
        set(headers, "access-control-allow-methods", &self.methods.join(", "));
        if !self.exposed.is_empty() {
            set(headers, "access-control-expose-headers", &self.exposed.join(", "));
        }
        if !any {
            set(headers, "access-control-allow-credentials", "true");
        }
        set(headers, "vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
    }
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

impl Gate {
    async fn cors_rules(&self, bucket: &str) -> Vec<CorsRule> {
        let name = bucket.to_owned();
        let found = self.service.store.ask(move |connection| buckets::find(connection, &name)).await;
        // A bucket that cannot be read has no rules to offer.
        found.map(|bucket| bucket.cors).unwrap_or_default()
    }

    pub(super) async fn preflight(&self, head: &Head) -> Result<Response<ReplyBody>, Refusal> {
        let origin = head.header("origin").ok_or_else(|| {
            Refusal::new(400, "BadRequest", "Insufficient information. Origin request header needed.")
        })?;
        let method = head
            .header("access-control-request-method")
            .ok_or_else(|| Refusal::new(400, "BadRequest", "Invalid Access-Control-Request-Method: null"))?;
        let asked: Vec<String> = head
            .header("access-control-request-headers")
            .unwrap_or_default()
            .split(',')
            .map(|name| name.trim().to_ascii_lowercase())
            .filter(|name| !name.is_empty())
            .collect();
        let rules = self.cors_rules(&head.bucket).await;
        if rules.is_empty() {
            return Err(Refusal::new(403, "AccessForbidden", "CORSResponse: CORS is not enabled for this bucket."));
        }
        let rule = rules.iter().find(|rule| rule.allows(origin, method, &asked)).ok_or_else(|| {
            Refusal::new(
                403,
                "AccessForbidden",
                "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.",
            )
        })?;
        let mut answer = Response::new(ReplyBody::full(Bytes::new()));
        rule.write(answer.headers_mut(), origin);
        if !asked.is_empty() {
            set(answer.headers_mut(), "access-control-allow-headers", &asked.join(", "));
        }
        if let Some(seconds) = rule.max_age_seconds {
            set(answer.headers_mut(), "access-control-max-age", &seconds.to_string());
        }
        Ok(answer)
    }

    pub(super) async fn add_cors(&self, head: &Head, answer: &mut Response<ReplyBody>) {
        let Some(origin) = head.header("origin") else { return };
        if head.bucket.is_empty() || answer.headers().contains_key("access-control-allow-origin") {
            return;
        }
        let rules = self.cors_rules(&head.bucket).await;
        if let Some(rule) = rules.iter().find(|rule| rule.allows(origin, head.method.as_str(), &[])) {
            rule.write(answer.headers_mut(), origin);
        }
    }
}
