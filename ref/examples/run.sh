#!/bin/sh
# Runs an example, twice where there is valgrind: it must end well, or refuse with a reason that leads to the mend, and
# leave nothing behind. Usage: run.sh PROGRAM [ARGUMENT...]
set -u
run() {
    output=$("$@" 2>&1)
    status=$?
    echo "$output"
    [ "$status" -eq 0 ] && return 0
    # A refusal names what is missing.
    [ "$status" -eq 1 ] && echo "$output" | grep -q -e 'CAP_SYS_' -e 'numa_balancing' -e 'affinity not fully applied'
}
run "$@" || exit 1
if command -v valgrind >/dev/null && ! nm "$1" 2>/dev/null | grep -q -e __asan_init -e __tsan_init; then
    # One thread at a time has valgrind's lock; who asks for it is served in turn, for on a busy host some wait for ever.
    run valgrind --fair-sched=try --quiet --leak-check=full --error-exitcode=99 "$@"
fi
