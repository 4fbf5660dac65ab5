#!/bin/sh
# The manual pages format without a complaint of groff's. Usage: check_man.sh FOLDER
set -eu
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
