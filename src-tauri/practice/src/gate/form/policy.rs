//! The policy of a form: until when, which fields with which values, how large a file.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::gate::refusal::Refusal;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Condition {
    Equals { field: String, value: String },
    StartsWith { field: String, prefix: String },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    ends: OffsetDateTime,
    conditions: Vec<Condition>,
    pub length_range: Option<(u64, u64)>,
}

/// Fields that need no condition.
const FREE: [&str; 4] = ["x-amz-signature", "policy", "file", "submit"];

fn invalid(message: &str) -> Refusal {
    Refusal::new(400, "InvalidPolicyDocument", &format!("Invalid Policy: {message}"))
}

impl Policy {
    pub fn parse(encoded: &str) -> Result<Self, Refusal> {
        let bytes = STANDARD.decode(encoded.trim()).map_err(|_| invalid("Invalid Base64."))?;
        let document: Value = serde_json::from_slice(&bytes).map_err(|_| invalid("Invalid JSON."))?;
        let ends = document
            .get("expiration")
            .and_then(Value::as_str)
            .and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok())
            .ok_or_else(|| invalid("Invalid 'expiration' value."))?;
        let listed = document
            .get("conditions")
            .and_then(Value::as_array)
            .ok_or_else(|| invalid("Policy missing conditions."))?;
        let mut policy = Self { ends, conditions: Vec::new(), length_range: None };
        for condition in listed {
            policy.add(condition)?;
        }
        Ok(policy)
    }

    fn add(&mut self, condition: &Value) -> Result<(), Refusal> {
        if let Some(pairs) = condition.as_object() {
            for (field, value) in pairs {
                let value = text(value).ok_or_else(|| invalid("Invalid Simple-Condition."))?;
                self.conditions.push(Condition::Equals { field: field.to_ascii_lowercase(), value });
            }
            return Ok(());
        }
        let list = condition.as_array().ok_or_else(|| invalid("Invalid condition."))?;
        let [operator, first, second] = list.as_slice() else {
            return Err(invalid("Invalid condition: wrong number of arguments."));
        };
        let operator = operator.as_str().unwrap_or_default().to_ascii_lowercase();
        if operator == "content-length-range" {
            let (Some(least), Some(most)) = (number(first), number(second)) else {
                return Err(invalid("Invalid content-length-range."));
            };
            self.length_range = Some((least, most));
            return Ok(());
        }
        let field = first
            .as_str()
            .and_then(|field| field.strip_prefix('$'))
            .ok_or_else(|| invalid("Invalid condition: a field starts with $."))?
            .to_ascii_lowercase();
        let value = text(second).ok_or_else(|| invalid("Invalid condition: a value is text."))?;
        self.conditions.push(match operator.as_str() {
            "eq" => Condition::Equals { field, value },
            "starts-with" => Condition::StartsWith { field, prefix: value },
            _ => return Err(invalid("Invalid condition: unknown operation.")),
        });
        Ok(())
    }

    /// Every field must be covered, every condition must hold, and in time.
    pub fn check(&self, bucket: &str, fields: &[(String, String)], now: OffsetDateTime) -> Result<(), Refusal> {
        if now >= self.ends {
            return Err(Refusal::access_denied("Invalid according to Policy: Policy expired."));
        }
        for condition in &self.conditions {
            let (Condition::Equals { field, .. } | Condition::StartsWith { field, .. }) = condition;
            let given = match field.as_str() {
                "bucket" => Some(bucket),
                name => fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()),
            };
            let given = given.unwrap_or_default();
            let (holds, shown) = match condition {
                Condition::Equals { value, .. } => (given == value, format!("[\"eq\", \"${field}\", \"{value}\"]")),
                Condition::StartsWith { prefix, .. } => {
                    (given.starts_with(prefix.as_str()), format!("[\"starts-with\", \"${field}\", \"{prefix}\"]"))
                }
            };
            if !holds {
                return Err(Refusal::access_denied(&format!(
                    "Invalid according to Policy: Policy Condition failed: {shown}"
                )));
            }
        }
        let extra: Vec<&str> = fields
            .iter()
            .map(|(name, _)| name.as_str())
            .filter(|name| !FREE.contains(name) && !name.starts_with("x-ignore-") && !self.covers(name))
            .collect();
        if extra.is_empty() {
            return Ok(());
        }
        Err(Refusal::access_denied(&format!("Invalid according to Policy: Extra input fields: {}", extra.join(", "))))
    }

    fn covers(&self, name: &str) -> bool {
        self.conditions.iter().any(|condition| match condition {
            Condition::Equals { field, .. } | Condition::StartsWith { field, .. } => field == name,
        })
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}
