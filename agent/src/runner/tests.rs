//! The runner against a simulated network.
