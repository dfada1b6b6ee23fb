//! Our process 1 in a container, and the keeper of programs beside the owner.
