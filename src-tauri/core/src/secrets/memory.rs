//! Keys for this session only: gone when the process ends.

use super::{AccessKey, KeyStore};
use crate::error::{Code, Error, Operation, Result};
use crate::place::PlaceId;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Keys in memory. Nothing of it outlives the process.
#[derive(Debug, Default)]
pub struct SessionStore(Mutex<HashMap<PlaceId, AccessKey>>);

impl KeyStore for SessionStore {
    fn read(&self, place: &PlaceId) -> Result<AccessKey> {
        let keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.get(place).cloned().ok_or_else(|| Error::new(Code::NoKeys, Operation::Connect))
    }

    fn write(&self, place: &PlaceId, _label: &str, key: &AccessKey) -> Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(place.clone(), key.clone());
        Ok(())
    }

    fn remove(&self, place: &PlaceId) -> Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(place);
        Ok(())
    }
}
