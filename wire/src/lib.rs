//! Wire formats without IO: bytes to values and back, one module per protocol.

pub mod snmp;
