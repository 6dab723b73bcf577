# Sourced by deploy/up and tests/all: makes a virtual environment from a lock with hashes.
# Needs only Python 3.11 or newer with its venv module.

fail() { printf '%s\n' "$*" >&2; exit 1; }

# The Python to use: of the first version that is here what the system ships, and only without that what was compiled on
# the machine. Systems ship builds that were optimised with a profile; others take up to 1.7 times as long for the same.
find_python() {
    for name in python3.11 python3.12 python3.13 python3.14 python3; do
        found=$(type -ap "$name" | while read -r path; do origin "$path"; done | sort -s -n -k 1,1 | head -n 1)
        if [ -n "$found" ]; then
            printf '%s\n' "${found#* }"
            return
        fi
    done
    fail "Python 3.11 or newer is missing. Install it first; nothing else is needed."
}

# origin PYTHON: 0 for one that the system ships, else 1, and which Python it was; nothing for one that cannot make
# environments. Which is faster cannot be told by letting both count: the machine's own pace changes by more than that.
origin() {
    "$1" - 2>/dev/null <<'END' || true
import sys
if sys.version_info >= (3, 11):
    import ensurepip, venv
    shipped = sys.base_prefix == "/usr" or "/Python.framework/" in sys.base_prefix
    print(0 if shipped else 1, sys.executable)
END
}

# digest PYTHON FILE: the SHA-256 of a file.
digest() { "$1" -c 'import hashlib,sys; print(hashlib.sha256(open(sys.argv[1],"rb").read()).hexdigest())' "$2"; }

# make_environment FOLDER LOCK: installs only when the lock has changed since the last time.
make_environment() {
    folder=$1 lock=$2
    if [ -f "$folder/lock.sha256" ] && [ -x "$folder/bin/python" ] &&
        [ "$(cat "$folder/lock.sha256")" = "$(digest "$folder/bin/python" "$lock")" ]; then
        return
    fi
    python=$(find_python) || exit 1
    printf 'Installing into %s (about a minute) ...\n' "$folder" >&2
    "$python" -m venv --clear "$folder" ||
        fail "Python's venv module is missing: on Debian or Ubuntu, apt-get install python3-venv"
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock" ||
        fail "The packages could not be installed; check the connection to the package registry and start again."
    digest "$python" "$lock" >"$folder/lock.sha256"
}
