//! What a collector may wish of an agent, and how much of it is read.

use rundgang_inventory::Mac;
use rundgang_proto::v1::{self, task};

/// A wish of the collector. It narrows what the agent does or lets it do earlier what it may do anyhow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Walk now instead of at the next time of the schedule.
    WalkNow,
    /// The collector's own pause: set, or taken back. It never lifts one that was set at the box.
    Pause(bool),
    /// MAC addresses of documented devices, used only where the scope says `accept_register`.
    Register(Vec<Mac>),
    /// Domains that people confirmed, looked up only where the scope says `accept_confirmed_domains`.
    Domains(Vec<String>),
}

/// Reads a task of the contract; none that this agent does not know.
pub(super) fn read(task: v1::Task) -> Option<Wish> {
    let wish = match task.task {
        Some(task::Task::WalkNow(true)) => Wish::WalkNow,
        Some(task::Task::Pause(is_paused)) => Wish::Pause(is_paused),
        Some(task::Task::RegisterMacs(list)) => {
            let macs = list.macs.iter().take(100_000).filter_map(|octets| octets.as_slice().try_into().ok());
            Wish::Register(macs.map(Mac).collect())
        }
        Some(task::Task::ConfirmedDomains(list)) => {
            Wish::Domains(list.names.into_iter().take(10_000).collect())
        }
        _ => return None,
    };
    Some(wish)
}
