//! Who may knock, and what each may do. Secrets here guard loopback samples and tests only; they are
//! masked in `Debug` all the same.

use std::fmt;
use std::time::SystemTime;

use uuid::Uuid;

/// One pair of keys and its rights.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    pub access_key_id: String,
    pub secret_access_key: String,
    /// Keys with a session token work only together with it, as those of a role do.
    pub session_token: Option<String>,
    /// From then on the server answers `ExpiredToken`.
    pub ends_at: Option<SystemTime>,
    pub allow: Permissions,
}

/// Where a right holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Allow {
    #[default]
    Everywhere,
    /// Only for keys that start with this text.
    Under(String),
    Nowhere,
}

/// What an identity may do. All is allowed by default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permissions {
    pub list: Allow,
    pub read: Allow,
    pub write: Allow,
    pub delete: Allow,
    /// `ListAllMyBuckets`, which staff keys often lack.
    pub list_buckets: bool,
    /// Create, delete and configure buckets.
    pub administer: bool,
}

impl Default for Permissions {
    fn default() -> Self {
        Self::all()
    }
}

impl Permissions {
    pub fn all() -> Self {
        Self {
            list: Allow::Everywhere,
            read: Allow::Everywhere,
            write: Allow::Everywhere,
            delete: Allow::Everywhere,
            list_buckets: true,
            administer: true,
        }
    }

    pub fn none() -> Self {
        Self {
            list: Allow::Nowhere,
            read: Allow::Nowhere,
            write: Allow::Nowhere,
            delete: Allow::Nowhere,
            list_buckets: false,
            administer: false,
        }
    }

    /// Everything about files, but only under this prefix; nothing about buckets.
    pub fn under(prefix: &str) -> Self {
        let here = Allow::Under(prefix.to_owned());
        Self {
            list: here.clone(),
            read: here.clone(),
            write: here.clone(),
            delete: here,
            list_buckets: false,
            administer: false,
        }
    }

    pub fn list(mut self, allow: Allow) -> Self {
        self.list = allow;
        self
    }

    pub fn read(mut self, allow: Allow) -> Self {
        self.read = allow;
        self
    }

    pub fn write(mut self, allow: Allow) -> Self {
        self.write = allow;
        self
    }

    pub fn delete(mut self, allow: Allow) -> Self {
        self.delete = allow;
        self
    }

    pub fn list_buckets(mut self, allowed: bool) -> Self {
        self.list_buckets = allowed;
        self
    }

    pub fn administer(mut self, allowed: bool) -> Self {
        self.administer = allowed;
        self
    }
}

impl Allow {
    pub fn covers(&self, key: &str) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Under(prefix) => key.starts_with(prefix.as_str()),
            Self::Nowhere => false,
        }
    }
}

impl Identity {
    pub fn new(access_key_id: &str, secret_access_key: &str) -> Self {
        Self {
            access_key_id: access_key_id.to_owned(),
            secret_access_key: secret_access_key.to_owned(),
            session_token: None,
            ends_at: None,
            allow: Permissions::all(),
        }
    }

    /// Fresh random keys.
    pub fn random() -> Self {
        let id = Uuid::new_v4().simple().to_string().to_uppercase();
        let secret = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        Self::new(&format!("SATCHEL{}", id.get(..13).unwrap_or_default()), &secret)
    }

    pub fn with_session_token(mut self, token: &str) -> Self {
        self.session_token = Some(token.to_owned());
        self
    }

    pub fn ending_at(mut self, ends_at: SystemTime) -> Self {
        self.ends_at = Some(ends_at);
        self
    }

    pub fn allowed(mut self, allow: Permissions) -> Self {
        self.allow = allow;
        self
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("access_key_id", &self.access_key_id)
            .field("has_session_token", &self.session_token.is_some())
            .field("ends_at", &self.ends_at)
            .field("allow", &self.allow)
            .finish_non_exhaustive()
    }
}
