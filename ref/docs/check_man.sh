#!/bin/sh
# The manual pages format without a complaint of groff's, and every function of the API has one.
# Usage: check_man.sh FOLDER PROGRAM_THAT_PRINTS_THE_FUNCTIONS
set -eu
for function in $("$2"); do
    if [ ! -f "$1/$function.3" ]; then
        echo "there is no manual page of $function"
        exit 1
    fi
done
if ! command -v groff >/dev/null; then
    echo "there is no groff"
    exit 77
fi
count=0
for page in "$1"/*.3; do
    grep -q '^\.so ' "$page" && continue
    complaints=$(groff -man -Tutf8 -ww -z "$page" 2>&1)
    if [ -n "$complaints" ]; then
        echo "$complaints"
        exit 1
    fi
    count=$((count + 1))
done
echo "$count pages"
[ "$count" -gt 0 ]
