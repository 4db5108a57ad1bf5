//! For the errand boy: what to do next, not what to say.

use crate::isolation::Unavailable;
use crate::outbox::NotPublished;
use crate::post::PostError;
use crate::store::{Errand, StoreError};

/// An errand that could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Setback {
    /// A failure of ours or of a partner's server: tried again with growing pauses.
    #[error("nouvel essai prévu")]
    Retry(#[source] anyhow::Error),
    /// Something else goes first: looked at again in a moment.
    #[error("attend son tour")]
    Wait(#[source] anyhow::Error),
    /// A person must look.
    #[error("une personne doit regarder")]
    Park(#[source] anyhow::Error),
    /// Someone else has the errand now; whatever was done here is dropped.
    #[error("la tâche est en d'autres mains")]
    Lost,
}

impl Setback {
    pub fn park(err: impl Into<anyhow::Error>) -> Self {
        Self::Park(err.into())
    }

    /// What the errand is about is not there.
    #[must_use]
    pub fn gone(errand: &Errand) -> Self {
        Self::Park(anyhow::anyhow!("{} est introuvable", errand.subject))
    }
}

impl From<StoreError> for Setback {
    fn from(err: StoreError) -> Self {
        match err {
            StoreError::LoanLost => Self::Lost,
            StoreError::Moved(_) => Self::Wait(err.into()),
            StoreError::Unreadable(_)
            | StoreError::TooOld(_)
            | StoreError::Migration(_)
            | StoreError::SeenDiffers(_) => Self::Park(err.into()),
            StoreError::Database(_) => Self::Retry(err.into()),
        }
    }
}

impl From<std::io::Error> for Setback {
    fn from(err: std::io::Error) -> Self {
        match err.kind() {
            std::io::ErrorKind::InvalidInput => Self::Park(err.into()),
            _ => Self::Retry(err.into()),
        }
    }
}

impl From<NotPublished> for Setback {
    fn from(err: NotPublished) -> Self {
        match err {
            NotPublished::Store(err) => err.into(),
            NotPublished::Folder(_) => Self::Retry(err.into()),
            NotPublished::Piece(_, ref source) => match source.kind() {
                // It will not come back by itself: a person restores it, or declares anew.
                std::io::ErrorKind::NotFound | std::io::ErrorKind::InvalidData => Self::Park(err.into()),
                _ => Self::Retry(err.into()),
            },
            NotPublished::Behind => Self::Wait(err.into()),
            NotPublished::NotDue(_) => Self::Park(err.into()),
        }
    }
}

impl From<PostError> for Setback {
    fn from(err: PostError) -> Self {
        match err {
            PostError::NotNow(_) => Self::Retry(err.into()),
            PostError::Refused(_) => Self::Park(err.into()),
        }
    }
}

impl From<Unavailable> for Setback {
    fn from(err: Unavailable) -> Self {
        Self::Retry(err.into())
    }
}
