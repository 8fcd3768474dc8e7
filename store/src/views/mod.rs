//! The questions that pages ask: lists and details, one file per page.
