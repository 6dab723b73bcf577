# Sourced by deploy/up and tests/all: makes a virtual environment from a lock with hashes.
# Needs only Python 3.11 or newer with its venv module.

fail() { printf '%s\n' "$*" >&2; exit 1; }

# The Python to use: of the first version that is here, the build that counts fastest. Builds of one version differ
# by a third: what distributions ship was optimised with a profile, what was compiled on the machine often was not.
find_python() {
    for name in python3.11 python3.12 python3.13 python3.14 python3; do
        found=$(type -ap "$name" | sort -u | while read -r path; do speed "$path"; done | sort -n | head -n 1)
        if [ -n "$found" ]; then
            printf '%s\n' "${found#* }"
            return
        fi
    done
    fail "Python 3.11 or newer is missing. Install it first; nothing else is needed."
}

# speed PYTHON: microseconds of a short count, and which Python it was; nothing for one that cannot make environments.
speed() {
    "$1" - 2>/dev/null <<'END' || true
import sys, timeit
if sys.version_info >= (3, 11):
    import ensurepip, venv
    count = "for i in range(20000): seen[i % 99] = (i, {i: i})"
    print(int(1e6 * min(timeit.repeat(count, "seen = {}", number=1, repeat=9))), sys.executable)
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
