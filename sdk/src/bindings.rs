//! What `wit-bindgen` makes of `sdk/wit/headwater.wit`: the types on both sides of the contract and, in wasm, the imports and exports.
//!
//! Nothing here is written by hand, and nothing here is for users: what they need is re-exported under words of its own.

wit_bindgen::generate!({
    world: "flow-component",
    path: "wit",
    pub_export_macro: true,
    generate_all,
    default_bindings_module: "headwater_sdk::bindings",
});
