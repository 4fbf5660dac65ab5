#!/bin/sh
# Thread-local data of the library lies in what each thread has from its start, and fits there: see ref/CMakeLists.txt.
#
# Usage: thread_local.sh LIBRARY READELF
set -eu
library=$1 readelf=$2
most=64 # bytes, of the 512 that glibc keeps for all libraries that are loaded late

if ! "$readelf" -d "$library" | grep -q STATIC_TLS; then
    echo "$library has thread-local data that comes from the heap at a thread's first access"
    exit 1
fi
bytes=$(($("$readelf" -lW "$library" | awk '$1 == "TLS" { print $6 }')))
echo "$bytes bytes a thread"
[ "$bytes" -le "$most" ]
