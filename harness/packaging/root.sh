# What the trials in a fresh root share: make one of Debian with debootstrap, and take it away whatever happens. Sourced by bash.
#
# A root that debootstrap made is kept as an archive in root's own cache (~/.cache/numaproof), so that the next trial starts in
# seconds; one that another user could have put there is not unpacked. /proc, /sys and /dev of this machine are bound into it,
# read-only where that is enough, in a mount namespace of the trial's own: what is mounted is seen nowhere else, and is gone with
# the trial, however that ends.
# shellcheck shell=bash

cache=${XDG_CACHE_HOME:-$HOME/.cache}/numaproof
readonly suite=bookworm

fail() {
    printf '%s: %s\n' "${0##*/}" "$1" >&2
    exit 3
}

if [ "$(id -u)" -eq 0 ] && [ "${NUMAPROOF_MOUNTS_OF-}" != "$$" ]; then
    # exec keeps the process number, which tells a namespace of this trial's own from a variable that was inherited.
    NUMAPROOF_MOUNTS_OF=$$ exec unshare --mount --propagation private -- "$BASH" "$0" "$@"
fi

# The commands of a step are printed, and its time when it has ended.
step() {
    local began=$SECONDS
    printf '== %s\n' "$1"
    shift
    "$@" || fail "this step failed: $*"
    printf '== done in %d s\n' $((SECONDS - began))
}

remove_root() {
    local mount
    for mount in dev/pts dev/shm dev sys/fs/cgroup sys proc; do
        # Lazily: a process that is just ending may hold it for a moment longer.
        if mountpoint -q "$root/$mount"; then
            umount --lazy "$root/$mount" || fail "$root/$mount is still mounted; nothing was removed"
        fi
    done
    rm -rf --one-file-system "$root"
}

# make_root: a fresh Debian in $root, with network and package lists.
make_root() {
    [ "$(id -u)" -eq 0 ] || fail 'only root can make a root'
    command -v debootstrap >/dev/null || fail 'debootstrap is missing: apt-get install debootstrap'
    mkdir -p "$cache"
    [ -O "$cache" ] || fail "$cache belongs to another user, who could put anything there"
    root=$(mktemp -d /var/tmp/numaproof-root-XXXXXX)
    trap remove_root EXIT
    if ! { [ -f "$cache/$suite.tar" ] && [ -O "$cache/$suite.tar" ]; }; then
        debootstrap --variant=minbase "$suite" "$root" http://deb.debian.org/debian >/dev/null || fail 'debootstrap failed'
        tar -C "$root" -cf "$cache/$suite.tar.partial" . && mv "$cache/$suite.tar.partial" "$cache/$suite.tar"
    else
        tar -C "$root" -xf "$cache/$suite.tar"
    fi
    chmod 755 "$root"
    cp /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null
    if ! { mount -t proc proc "$root/proc" && mount -t sysfs -o ro sysfs "$root/sys" && mount --bind /dev "$root/dev" &&
        mkdir -p "$root/dev/pts" && mount --bind /dev/pts "$root/dev/pts"; }; then
        fail 'cannot mount /proc, /sys and /dev'
    fi
    in_root apt-get -qq update || fail 'no package lists'
}

# in_root COMMAND...: run it inside, as root, with a clean environment.
in_root() {
    chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive "$@"
}
