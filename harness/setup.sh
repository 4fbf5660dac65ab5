# The set-up that both commands share: packages, then the build. Sourced by bash; sets $top, the top of the tree.
#
# Everything is asked of dpkg first, in a single call, and apt is not started when nothing is missing: a second run
# costs milliseconds, works without a network and without root. What is going to be installed is said before it is.
# shellcheck shell=bash

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd) || exit

# The exit status of "could not be run", as everywhere in numaproof.
readonly CANNOT_RUN=3
# Written whenever a package comes or goes.
package_state=/var/lib/dpkg/status

fail_setup() {
    printf 'numaproof set-up: %s\n' "$1" >&2
    exit "$CANNOT_RUN"
}

# packages_for PURPOSE...: the rows of packages.txt for these purposes, alternatives and all.
packages_for() {
    local wanted=" $* " purpose package
    while read -r purpose package _; do
        if [[ $wanted == *" $purpose "* ]]; then
            printf '%s\n' "$package"
        fi
    done <"$top/harness/packages.txt"
}

# missing_packages PURPOSE...: the packages to install, one a line.
missing_packages() {
    local installed row name found
    local -a rows names
    mapfile -t rows < <(packages_for "$@")
    IFS=' ' read -r -a names <<<"${rows[*]//|/ }"
    # dpkg-query fails when it knows nothing of one name; what it says of the others stands.
    installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${names[@]}" 2>/dev/null)
    for row in "${rows[@]}"; do
        found=no
        for name in ${row//|/ }; do
            if [[ $'\n'$installed$'\n' == *$'\n'"installed $name"$'\n'* ]]; then
                found=yes
            fi
        done
        if [ "$found" = no ]; then
            printf '%s\n' "${row%%|*}"
        fi
    done
}

# may_install COMMAND: whether we may install. Sets the array $as_root to what goes before a command that needs root.
may_install() {
    local answer
    as_root=()
    if [ "$(id -u)" -eq 0 ]; then
        return 0
    fi
    if ! command -v sudo >/dev/null || ! [ -t 0 ] || ! [ -t 2 ]; then
        return 1
    fi
    read -r -p 'Install them with sudo? [y/N] ' answer
    as_root=(sudo)
    [[ $answer == [yY]* ]]
}

# ensure_packages PURPOSE...: install what is missing, or say what to install and end.
ensure_packages() {
    local -a missing install as_root
    command -v dpkg-query >/dev/null || fail_setup "no dpkg here: this knows Debian and Ubuntu; elsewhere install what \
harness/packages.txt lists, then run: cmake --preset release && cmake --build build"
    mapfile -t missing < <(missing_packages "$@")
    if [ "${#missing[@]}" -eq 0 ]; then
        return 0
    fi
    install=(apt-get install -y --no-install-recommends "${missing[@]}")
    printf 'Packages that are missing:\n' >&2
    printf '    %s\n' "${missing[@]}" >&2
    may_install || fail_setup "packages are missing; run as root: apt-get update && ${install[*]}"
    export DEBIAN_FRONTEND=noninteractive
    local -a patience=(-o Acquire::Retries=3 -o DPkg::Lock::Timeout=300)
    "${as_root[@]}" apt-get "${patience[@]}" update ||
        printf 'numaproof set-up: apt-get update failed; going on with the lists that are here\n' >&2
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive "${install[0]}" "${patience[@]}" "${install[@]:1}" ||
        fail_setup "packages could not be installed; see above, then run as root: ${install[*]}"
}

# build PRESET FOLDER [TARGET]: configure when the presets or the packages changed, for what was not found may be there
# now, and build what changed, or what TARGET needs of it.
build() {
    local preset=$1 folder=$top/$2 target=${3:-all}
    mkdir -p "$folder" 2>/dev/null
    [ -w "$folder" ] || fail_setup "cannot write to $folder, where the build goes"
    if ! [ "$folder/build.ninja" -nt "$top/CMakePresets.json" ] ||
        ! [ "$folder/build.ninja" -nt "$package_state" ]; then
        (cd "$top" && cmake --preset "$preset") >"$folder/configure.log" 2>&1 || {
            cat "$folder/configure.log" >&2
            return 1
        }
    fi
    # Ninja on a terminal rewrites one line; elsewhere it would print a line a file, which no one reads.
    if [ -t 1 ]; then
        cmake --build "$folder" --target "$target"
    else
        cmake --build "$folder" --target "$target" >"$folder/build.log" 2>&1 || {
            cat "$folder/build.log" >&2
            return 1
        }
    fi
}
