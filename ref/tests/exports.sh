#!/bin/sh
# The list of the API, the symbol map and what the library exports are one and the same.
#
# Usage: exports.sh API_NAMES MAP LIBRARY NM, where API_NAMES is a program that prints the list of api.h.
set -eu
api_names=$1 map=$2 library=$3 nm=$4

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$api_names" | sort >"$work/api"
grep -o 'np_[a-z0-9_]*' "$map" | sort >"$work/map"
"$nm" -D --defined-only "$library" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort >"$work/exported"

differ=0
# compare NAME FILE: complains where FILE is not the list of the API.
compare() {
    if ! diff "$work/api" "$2" >"$work/difference"; then
        echo "api.h (<) and $1 (>) differ:"
        grep '^[<>]' "$work/difference"
        differ=1
    fi
}
compare "the symbol map $map" "$work/map"
compare "the exports of $library" "$work/exported"
[ "$differ" -eq 0 ] && echo "$(wc -l <"$work/api") functions"
exit "$differ"
