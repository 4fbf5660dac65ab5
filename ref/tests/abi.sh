#!/bin/sh
# The layout of structs and the numbers of enums are those that were written down for this version.
#
# A change of either is a change of the contract: raise the version in version.h, with its reasons, and write the new
# layout down beside the old ones. Usage: abi.sh ABI_PROGRAM INCLUDE_FOLDER ABI_FOLDER.
set -eu
program=$1 include=$2 folder=$3

version() {
    sed -n "s/^#define NP_VERSION_$1 \([0-9]*\)$/\1/p" "$include/numaproof/version.h"
}
pinned=$folder/$(version MAJOR).$(version MINOR).txt
if [ ! -f "$pinned" ]; then
    echo "the layout of this version is not written down: $program >$pinned"
    exit 1
fi
seen=$("$program")
if [ "$seen" != "$(cat "$pinned")" ]; then
    echo "the layout is not that of $pinned, and the version is the same:"
    echo "$seen" | diff "$pinned" - | grep '^[<>]' || true
    exit 1
fi

forgotten=0
types=$(sed -n 's/^typedef struct \(np_[a-z_]*\) {$/sizeof \1/p' "$include"/numaproof/*.h)
numbers=$(sed -n 's/^    \(NP_[A-Z0-9_]*\) = .*/\1/p; s/^#define \(NP_[A-Z_]*_MAX\) .*/\1/p' "$include"/numaproof/*.h)
for name in $(echo "$types" | sed 's/sizeof //') $numbers; do
    if ! echo "$seen" | grep -q -e "^$name " -e "^sizeof $name "; then
        echo "$name is in the headers and not in abi.c"
        forgotten=1
    fi
done
[ "$forgotten" -eq 0 ] && echo "$(echo "$seen" | wc -l) sizes, offsets and numbers"
exit "$forgotten"
