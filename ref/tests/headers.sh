#!/bin/sh
# Each public header compiles alone, as C11 and as C++17, without a warning, with each compiler that is there; and says
# at its head how it goes with threads and with fork().
#
# Usage: headers.sh INCLUDE_FOLDER C_COMPILER...
set -eu
include=$1
shift

warnings="-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror"
failed=0
count=0
# compile COMPILER LANGUAGE STANDARD HEADER [OPTION]
compile() {
    # shellcheck disable=SC2086 # The warnings are several words.
    if ! printf '#include <%s>\nextern int a_unit_is_not_empty;\n' "$4" | "$1" -x "$2" -std="$3" $warnings ${5-} -I"$include" -fsyntax-only -; then
        echo "$4 does not compile as $3 with $1"
        failed=1
    fi
    count=$((count + 1))
}

for compiler; do
    command -v "$compiler" >/dev/null || continue
    for header in "$include"/numaproof/*.h; do
        name=numaproof/${header##*/}
        compile "$compiler" c c11 "$name" -Wstrict-prototypes
        compile "$compiler" c++ c++17 "$name" -Wold-style-cast
    done
done
for header in "$include"/numaproof/*.h; do
    case ${header##*/} in api.h | numaproof.h) continue ;; esac # They declare nothing.
    head=$(sed '/\*\//q' "$header")
    for word in thread fork; do
        if ! echo "$head" | grep -q -i "$word"; then
            echo "${header##*/} does not say how it goes with ${word}s"
            failed=1
        fi
    done
done
echo "$count compilations"
[ "$count" -gt 0 ] && [ "$failed" -eq 0 ]
