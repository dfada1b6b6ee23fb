# What the scripts of this repository share about Debian: its packages by the machine's own mirror, without a host name in
# any script. To be sourced by bash; the caller defines `say`.

have() { command -v "$1" >/dev/null 2>&1; }
can_be_root() { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

# Runs a command whose output matters only when it fails.
quietly() {
    local log status=0
    log=$(mktemp)
    "$@" >"$log" 2>&1 || status=$?
    [ "$status" = 0 ] || tail -n 20 "$log" >&2
    rm -f "$log"
    return "$status"
}

apt_get() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600 "$@"; }

# Another apt may hold the lists: that is worth a little patience.
apt_update() {
    local attempt
    for attempt in 1 2 3 4 5 6; do
        quietly apt_get update "$@" && return 0
        sleep "$attempt"
    done
    return 1
}

debian_release() { (. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}"); }

# URI and key of the machine's own mirror, as its sources name them: "URI<tab>KEYRING".
debian_mirror() {
    awk -v suite="$(debian_release)" '
        function done() {
            if (!found && uri != "" && suites ~ "(^| )" suite "( |$)" && parts ~ /(^| )main( |$)/) { print uri "\t" key; found = 1 }
            uri = ""; suites = ""; parts = ""; key = ""
        }
        FNR == 1 { done() }
        /^#/ { next }
        /^[ \t]*$/ { done(); next }
        tolower($1) == "uris:" { uri = $2 }
        tolower($1) == "suites:" { suites = substr($0, index($0, $2)) }
        tolower($1) == "components:" { parts = substr($0, index($0, $2)) }
        tolower($1) == "signed-by:" { key = $2 }
        $1 == "deb" {
            line = $0; key = ""
            if (match(line, /signed-by=[^] ,]+/)) key = substr(line, RSTART + 10, RLENGTH - 10)
            sub(/\[[^]]*\]/, "", line); split(line, word, " ")
            uri = word[2]; suites = word[3]; parts = substr(line, index(line, word[3]) + length(word[3])); done()
        }
        END { done() }' /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list /etc/apt/sources.list 2>/dev/null
}

# Unpacks package $1 into folder $2 without installing it, from suite $3 (default: any that the machine's sources name).
unpack_package() {
    local package=$1 folder=$2 suite=${3:-} uri key only=(-o APT::Sandbox::User=root)
    mkdir -p "$folder"
    if [ -n "$suite" ]; then
        IFS=$'\t' read -r uri key < <(debian_mirror) || true
        [ -n "$uri" ] || { say "no Debian mirror found in the sources of apt"; return 1; }
        {
            printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\n' "$uri" "$suite"
            [ -z "$key" ] || printf 'Signed-By: %s\n' "$key"
        } >"$folder/suite.sources"
        only+=(-o "Dir::Etc::SourceList=$folder/suite.sources" -o Dir::Etc::SourceParts=-)
        apt_update "${only[@]}" -o APT::Get::List-Cleanup=0 || return 1
    elif [ -z "$(apt-cache policy "$package" 2>/dev/null)" ]; then
        apt_update || return 1
    fi
    (cd "$folder" && quietly apt_get download "${only[@]}" "$package" && dpkg-deb -x "$package"_*.deb . && rm -f "$package"_*.deb suite.sources)
}
