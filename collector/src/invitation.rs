//! Making an invitation: a secret that only the box will hold, and its hash in the book.

use crate::{authority::Authority, service::token_hash};
use rundgang_inventory::Timestamp;
use rundgang_proto::invitation::{Invitation, SECRET_SIZE};
use rundgang_store::{NewInvitation, Traeger};

/// Why there is no invitation.
#[derive(Debug, thiserror::Error)]
pub enum InvitationError {
    /// The system has no random numbers.
    #[error("the system gave no random numbers")]
    Random,
    /// The store.
    #[error(transparent)]
    Store(#[from] rundgang_store::Error),
}

/// Makes an invitation for a school.
///
/// # Errors
/// No random numbers, or the database failed.
pub fn make_invitation(
    traeger: &Traeger,
    authority: &Authority,
    school: i64,
    days: u32,
    needs_approval: bool,
    by: (&str, Timestamp),
) -> Result<Invitation, InvitationError> {
    let mut secret = [0; SECRET_SIZE];
    getrandom::fill(&mut secret).map_err(|_| InvitationError::Random)?;
    let invitation = Invitation { secret, authority: authority.pin() };
    let new = NewInvitation {
        school,
        token_hash: &token_hash(&invitation),
        note: "",
        needs_approval,
        expires_at: by.1.plus_days(i64::from(days)),
    };
    traeger.invite(&new, by)?;
    Ok(invitation)
}
