//! Wasm components: compiled, audited, limited; one capability per file.
