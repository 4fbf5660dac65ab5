#!/bin/sh
# A program of a stranger's builds against the installed library with pkg-config alone, from C and from C++, and runs.
#
# Usage: installed.sh CMAKE BUILD_FOLDER PKG_CONFIG PROGRAM.c. The name of what it links is the SONAME, and not a path.
set -eu
cmake=$1 build=$2 pkg_config=$3 program=$4

prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT

"$cmake" --install "$build" --component library --prefix "$prefix" >/dev/null
pc=$(find "$prefix" -name numaproof.pc)
libraries=${pc%/pkgconfig/numaproof.pc}
export PKG_CONFIG_PATH="${pc%/*}"
# The file names the prefix of the build; pkg-config finds where it really lies.
flags=$("$pkg_config" --define-prefix --cflags --libs numaproof)

for language in "c c11 cc" "c++ c++17 c++"; do
    # shellcheck disable=SC2086 # Three words, and flags of several.
    set -- $language
    # shellcheck disable=SC2086
    "$3" -x "$1" -std="$2" -Wall -Wextra -Wpedantic -Werror -o "$prefix/stranger" "$program" $flags
    printf '%s: ' "$1"
    LD_LIBRARY_PATH="$libraries" "$prefix/stranger"
done
readelf -d "$prefix/stranger" | grep -q 'NEEDED.*\[libnumaproof\.so\.[0-9]*\]' || {
    echo "the program does not ask for the SONAME"
    exit 1
}
"$pkg_config" --exists 'numaproof >= 0.1'
