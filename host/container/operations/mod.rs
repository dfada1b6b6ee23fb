//! The docker operations of flows. Each is idempotent: a name or label made from the idempotency key makes doing it again finding it.
