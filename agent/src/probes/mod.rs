//! The registered probes, one file each. To add one: write its file and add the two lines here.

use crate::probe::Probe;

/// Every probe, in the order they are listed to people.
pub static ALL: &[&Probe] = &[];
