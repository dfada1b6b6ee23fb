//! Nothing: the guests are this package's examples, one component each.
