//! A recorded network: hosts that answer from transcripts, so that a whole school can be walked without one.
