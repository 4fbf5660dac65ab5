# Completion of numaproof in bash. What can be completed is asked of the command itself, so that it is never out of date.
# shellcheck shell=bash

_numaproof_words() {
    local verb=$1 previous=$2
    case $previous in
        --machine | --machines) numaproof machines --json 2>/dev/null | sed -n 's/^  "name": "\(.*\)",*$/\1/p' ;;
        --accel) printf '%s\n' auto kvm tcg ;;
        --clause) numaproof conform --list 2>/dev/null | grep -oE '\b[A-Z]+-[0-9]+\b' | sort -u ;;
        *) numaproof "$verb" --help 2>/dev/null | grep -oE '(^|[ ,])--[a-z-]+' | tr -d ' ,' ;;
    esac
}

_numaproof() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} verb=${COMP_WORDS[1]-} word
    # Readline takes = for a word of its own: --out=DIR is three.
    if [ "$current" = = ]; then
        current=''
    elif [ "$previous" = = ]; then
        previous=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "$(numaproof --help | sed -n 's/^  \([a-z]*\)  *[a-z].*/\1/p') --help --version" -- "$current")
        return
    fi
    # After --, the words are those of the command inside: its verb comes first.
    for ((word = 2; word < COMP_CWORD; word++)); do
        if [ "${COMP_WORDS[word]}" = -- ]; then
            if [ $((word + 1)) -eq "$COMP_CWORD" ]; then
                mapfile -t COMPREPLY < <(compgen -W 'validate info conform bench' -- "$current")
                return
            fi
            verb=${COMP_WORDS[word + 1]}
        fi
    done
    case $previous in
        --out | --baseline | --impl | --kernel | --junit | --markdown | --thresholds | --page)
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            return
            ;;
    esac
    case $current in
        -*) mapfile -t COMPREPLY < <(compgen -W "$(_numaproof_words "$verb" '')" -- "$current") ;;
        *)
            case $previous in
                --machine | --machines | --accel | --clause)
                    mapfile -t COMPREPLY < <(compgen -W "$(_numaproof_words "$verb" "$previous")" -- "$current")
                    ;;
                *)
                    if [ "$verb" = bench ]; then
                        mapfile -t COMPREPLY < <(compgen -W "$(numaproof bench --help |
                            sed -n 's/^  \([a-z]\+\)  .*/\1/p')" -- "$current")
                    else
                        mapfile -t COMPREPLY < <(compgen -d -- "$current")
                    fi
                    ;;
            esac
            ;;
    esac
}

complete -o filenames -F _numaproof numaproof
