//! Reads the `Date` of every answer, so that requests and links are signed with the store's time.

use crate::clock::{ClockOffset, to_system_time};
use aws_sdk_s3::config::interceptors::BeforeDeserializationInterceptorContextRef;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use aws_smithy_async::time::TimeSource;
use std::sync::Arc;
use std::time::SystemTime;

#[derive(Debug)]
pub(crate) struct ClockProbe(Arc<ClockOffset>);

impl ClockProbe {
    pub(crate) fn new(clock: Arc<ClockOffset>) -> Self {
        ClockProbe(clock)
    }
}

/// The store's time, for whoever signs.
#[derive(Debug)]
pub(crate) struct StoreTime(Arc<ClockOffset>);

impl StoreTime {
    pub(crate) fn new(clock: Arc<ClockOffset>) -> Self {
        StoreTime(clock)
    }
}

impl TimeSource for StoreTime {
    fn now(&self) -> SystemTime {
        to_system_time(self.0.store_now())
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
