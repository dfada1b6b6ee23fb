//! The contract of `sdk/wit` as Rust types, made from it at compile time.
//!
//! Nothing but this module's generated code knows how values lie in a guest's memory. `convert` turns its types into those of the model.

wasmtime::component::bindgen!({
    path: "sdk/wit",
    world: "flow-component",
    imports: { default: trappable },
    exports: { default: async },
    with: {
        "headwater:flow/artifacts.reader": crate::sandbox::artifacts::Reader,
        "headwater:flow/artifacts.writer": crate::sandbox::artifacts::Writer,
    },
    require_store_data_send: true,
});

/// The package of the contract, as it stands in the names of imports.
pub(super) const PACKAGE: &str = "headwater:flow/";
