# Sourced by tests/all and tests/quick: the tests' environment, and stages whose times are told at the end.
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top"
. deploy/environment.sh
make_environment .venv-tests deploy/requirements-test.txt
# The tools come from the environment. Root's tools last: servers of the tests run as a user that root has to make.
export PYTHONPATH=$top PATH=$top/.venv-tests/bin:$PATH:/usr/sbin:/sbin
began=$(date +%s) times=""

stage() { # NAME COMMAND ...: runs it, keeps how long it took, ends everything when it fails
    name=$1
    shift
    started=$(date +%s)
    printf '\n== %s\n' "$name"
    "$@" || { printf '\n%s failed\n' "$name" >&2; exit 1; }
    times="$times$(printf '%6ss  %s' "$(($(date +%s) - started))" "$name")
"
}

rules() { # what needs no test: the type checker goes on by itself, half a minute on one core, until types asks for it
    stage "format" ruff format --check --quiet services shared tests
    stage "lint" ruff check --quiet services shared tests
    stage "imports between rooms" lint-imports --no-cache
    stage "dependencies" deptry .
    types_said=$(mktemp)
    pyright >"$types_said" 2>&1 &
    types=$!
}

types() {
    verdict=0
    wait "$types" || verdict=$?
    cat "$types_said"
    rm -f "$types_said"
    return "$verdict"
}

tell_times() {
    printf '\n%s%6ss  in all\n' "$times" "$(($(date +%s) - began))"
}
