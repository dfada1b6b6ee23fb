//! The container engine, images, and places with our runner in them.
