//! What goes wrong on the command line, each in one line that says what to do.

use crate::serve::ServeError;
use std::io;

/// What went wrong, in one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// Starting.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// The store.
    #[error(transparent)]
    Store(#[from] rundgang_store::Error),
    /// The authority.
    #[error(transparent)]
    Authority(#[from] crate::authority::AuthorityError),
    /// What leaves by itself.
    #[error(transparent)]
    Post(#[from] crate::post::PostError),
    /// The papers.
    #[error(transparent)]
    Papers(#[from] crate::papers::PapersError),
    /// No MAC address.
    #[error("'{0}' is no MAC address: write it as 00:11:22:33:44:55")]
    NotAMac(String),
    /// No period.
    #[error("'{0}' is no period: write NAME=DAYS, such as observations=14")]
    NoPeriod(String),
    /// The output is gone.
    #[error("writing the result: {0}")]
    Output(#[from] io::Error),
    /// Approving what was withdrawn.
    #[error("agent {0} is withdrawn for good; invite the box anew")]
    Withdrawn(i64),
    /// No invitation.
    #[error(transparent)]
    Invitation(#[from] crate::invitation::InvitationError),
    /// The survey.
    #[error(transparent)]
    Survey(#[from] crate::survey::SurveyError),
    /// A try.
    #[error("{0}")]
    Try(String),
    /// The agent of a try.
    #[error(transparent)]
    TryAgent(#[from] crate::try_agent::AgentError),
    /// A carried export.
    #[error(transparent)]
    Carried(#[from] crate::ingest::carried::CarriedError),
    /// A list of schools.
    #[error(transparent)]
    Schools(#[from] crate::schools::SchoolsError),
    /// A list of a school.
    #[error(transparent)]
    Lists(#[from] crate::lists::ListsError),
    /// A flag of lists for a file that is none.
    #[error(
        "{0} is for lists, and this file is an agent's export: leave it out, the export is taken in whole"
    )]
    NotOfAnExport(&'static str),
    /// A file could not be written.
    #[error(transparent)]
    Write(#[from] crate::files::WriteError),
    /// The book as files.
    #[error(transparent)]
    Book(#[from] rundgang_dashboards::book::BookError),
    /// A change that needs one school.
    #[error("there are several schools: say which with --school NAME")]
    WhichSchool,
    /// No address for agents.
    #[error(
        "nobody has said where agents reach the collector: start it with serve --name HOST, or add --collector HOST:PORT"
    )]
    NoAddress,
}
