//! The command line: one command per file; nothing else prints.
