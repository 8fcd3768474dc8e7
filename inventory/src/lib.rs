//! What we know about a school's network and how we reason about it: pure values and functions, no IO, no clock.

pub mod access;
pub mod batch;
pub mod certificates;
pub mod identity;
pub mod kind;
pub mod lessons;
pub mod limits;
pub mod lists;
pub mod mac;
pub mod mail;
pub mod observation;
pub mod printing;
pub mod privacy;
pub mod recognise;
pub mod rules;
pub mod search;
pub mod secrets;
pub mod snmp_tables;
pub mod survey;
pub mod time;
pub mod told;
pub mod topology;
pub mod value;
pub mod vocabulary;
pub mod wlan;
pub mod zone;

pub use access::{Action, Refusal, Rights, Role};
pub use batch::{Count, Coverage, Entry, Reference, Round};
pub use kind::Kind;
pub use mac::Mac;
pub use observation::{MacProvenance, Observation, Subject};
pub use recognise::{Confidence, Recognition, Told, maker_in, product, recognise};
pub use time::Timestamp;
pub use value::{Fields, Row, Value};
pub use vocabulary::{Field, Privacy, Volatility};
pub use zone::Zone;
