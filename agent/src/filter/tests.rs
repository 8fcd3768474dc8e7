//! What the filter keeps, counts and removes.
