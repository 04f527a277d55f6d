//! Reads the `Date` of every answer, so that links are signed with the store's time.

use crate::clock::ClockOffset;
use aws_sdk_s3::config::interceptors::BeforeDeserializationInterceptorContextRef;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use std::sync::Arc;

#[derive(Debug)]
pub(crate) struct ClockProbe(Arc<ClockOffset>);

impl ClockProbe {
    pub(crate) fn new(clock: Arc<ClockOffset>) -> Self {
        ClockProbe(clock)
    }
}

impl Intercept for ClockProbe {
    fn name(&self) -> &'static str {
        "ClockProbe"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(date) = context.response().headers().get("date") {
            self.0.learn(date);
        }
        Ok(())
    }
}
