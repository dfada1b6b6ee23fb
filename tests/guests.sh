# Building guests and finding the host, for the scripts of tests/ and examples/. To be sourced by bash; the caller sets
# `root`. What is built lies in target/guests, one component a file, for tests in $HEADWATER_TEST_GUESTS.

build_folder=${CARGO_TARGET_DIR:-$root/target}
export HEADWATER_TEST_GUESTS=$build_folder/guests

# One for all guests, for wasm and for their tests: what they share is built once.
guests_folder() { echo "$build_folder/guests-build"; }

# The program that `cargo build` makes: the repository's .cargo/config.toml picks the target.
host_binary() { echo "$build_folder/x86_64-unknown-linux-gnu/debug/headwater"; }

# The manifests of all guests: workspaces of their own, for each has a lock file of its own.
guest_manifests() { (cd "$root" && ls -d examples/Cargo.toml examples/*/*/Cargo.toml plugins/*/Cargo.toml tests/guests/Cargo.toml); }

# build_guests TOOLCHAIN MANIFEST [cargo's options]: builds the components of a workspace, which are libraries or examples.
build_guests() {
    local toolchain=$1 manifest=$2 built file name
    built=$(guests_folder)
    cargo ${toolchain:+"+$toolchain"} build --release --target wasm32-wasip2 --manifest-path "$root/$manifest" --target-dir "$built" \
        --lib --examples "${@:3}"
    mkdir -p "$HEADWATER_TEST_GUESTS"
    for file in "$built"/wasm32-wasip2/release/*.wasm "$built"/wasm32-wasip2/release/examples/*.wasm; do
        # An example lies there twice: under its name, and under its name with cargo's hash.
        [ -e "$file" ] && [[ ! $file =~ -[0-9a-f]{16}\.wasm$ ]] || continue
        name=$HEADWATER_TEST_GUESTS/${file##*/}
        # Moved into place: somebody else may be reading it.
        cmp -s "$file" "$name" || { cp "$file" "$name.$$" && mv -f "$name.$$" "$name"; }
    done
}
