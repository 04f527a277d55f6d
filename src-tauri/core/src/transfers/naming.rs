//! Which name a file gets when somebody has the one it was to have. Nobody's name is taken unasked.

use super::conflict::{self, There};
use super::job::{Memory, Outcome, name_taken};
use super::kept::KeptUpload;
use super::multipart;
use super::request::Object;
use super::upload::Sending;
use super::{OnConflict, Upload};
use crate::error::{Error, Operation, Result};
use std::collections::HashSet;

/// Which name a file gets.
pub(super) struct Naming {
    pub(super) name: String,
    /// Known to be used.
    tried: HashSet<String>,
}

impl Naming {
    pub(super) fn new(upload: &Upload, memory: &mut Memory) -> Self {
        let name = match upload.on_conflict {
            // The name that was being tried when this was interrupted may be taken by ourselves.
            OnConflict::KeepBoth => memory.kept.trying_name.take().unwrap_or_else(|| upload.name.clone()),
            _ => upload.name.clone(),
        };
        Naming { name, tried: HashSet::new() }
    }

    /// Somebody has the name: goes on to another, or says how it ends.
    ///
    /// # Errors
    /// `Cancelled`.
    pub(super) async fn next(
        &mut self,
        sending: &Sending<'_>,
        object: &Object,
        kept: &mut Option<KeptUpload>,
        error: Error,
        there: Option<There>,
    ) -> Result<Option<Outcome>> {
        let (job, upload) = (sending.job, sending.upload);
        if let Some(kept) = kept.take_if(|_| !matches!(upload.on_conflict, OnConflict::Ask | OnConflict::Replace)) {
            multipart::take_back_kept(job, object, &kept).await;
        }
        self.tried.insert(self.name.clone());
        let free = async { Ok(conflict::free_name(object, &upload.name, &self.tried).await) };
        match upload.on_conflict {
            OnConflict::Skip => Ok(Some(Outcome::Skipped)),
            OnConflict::Fail => Ok(Some(Outcome::NeedsYou(error.into(), None))),
            OnConflict::KeepBoth => {
                self.name = job.stoppable(Operation::Upload, free).await?;
                job.note.trying(&self.name).await;
                Ok(None)
            }
            OnConflict::Ask | OnConflict::Replace => {
                let yours = There { bytes: sending.plan.size, changed_at: sending.source.identity.modified_at() };
                let free = job.stoppable(Operation::Upload, free).await?;
                Ok(Some(name_taken(error, there, yours, free)))
            }
        }
    }
}
