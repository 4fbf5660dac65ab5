"""A manual page a verb, from what `numaproof VERB --help` says: make_verb_man.py COMMAND VERSION FOLDER.

The help is the one place where options are described, so that no page can be out of date; what help has no room for, examples and
the pages to read next, is here.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

EXAMPLES: dict[str, list[tuple[str, str]]] = {
    "validate": [
        ("Is this machine fit for hard mode?", "sudo numaproof validate"),
        (
            "As good as one that is known to be good, by thresholds of one's own:",
            "sudo numaproof validate --baseline good --thresholds ours.conf",
        ),
    ],
    "info": [("The machine, its settings, what counts, and the checklist:", "numaproof info")],
    "conform": [
        ("The clauses on pinning, and one on memory:", "numaproof conform --clause 'PIN-*' --clause MEM-5"),
        ("Another implementation:", "numaproof conform --impl ./libother.so"),
    ],
    "bench": [("Latency from every node to every node's memory:", "numaproof bench latency")],
    "vm": [
        ("The suite where there is no NUMA hardware:", "numaproof vm --machine two-nodes -- conform"),
        (
            "With memory that is as slow as the machine declares:",
            "numaproof vm --machine four-ring --delay -- bench latency",
        ),
    ],
    "matrix": [("The suite in all machines of four nodes:", "numaproof matrix --machines 'four-*' -- conform")],
    "machines": [("Which machines there are:", "numaproof machines")],
    "report": [
        (
            "For a job in continuous integration:",
            "numaproof report results --junit junit.xml --markdown summary.md",
        )
    ],
    "compare": [
        ("What a firmware update changed:", "numaproof compare before after"),
        ("Which of many like machines is not like the others:", "numaproof compare rack/*"),
    ],
}


def quoted(text: str) -> str:
    """Text as roff has it: dashes that can be copied, no line that is a request."""
    text = text.replace("\\", r"\e").replace("-", r"\-")
    return "\n".join(r"\&" + line if line.startswith((".", "'")) else line for line in text.splitlines())


def help_of(command: str, *verb: str) -> str:
    run = subprocess.run([command, *verb, "--help"], capture_output=True, text=True, check=True)
    return run.stdout


def blocks(text: str) -> list[str]:
    return [block for block in re.split(r"\n\s*\n", text.strip("\n")) if block.strip()]


def options(block: str) -> str:
    """Rows of options, each with its words, as tagged paragraphs."""
    rows: list[list[str]] = []
    for line in block.splitlines():
        found = re.match(r"^ {2,6}(?=-|[A-Z]|DIR)(\S.*?)(?:\s{2,}(.*)| (?=[A-Z][a-z])(.*))?$", line)
        if found and len(line) - len(line.lstrip()) <= 6:
            rows.append([found[1].strip(), (found[2] or found[3] or "").strip()])
        elif rows:
            rows[-1][1] = f"{rows[-1][1]} {line.strip()}".strip()
    return "".join(f".TP\n.B {quoted(name)}\n{quoted(words)}\n" for name, words in rows)


def page(command: str, verb: str, summary: str, version: str) -> str:
    first, *rest = blocks(help_of(command, verb))
    usage = re.sub(r"^usage:\s*", "", " ".join(first.split()), flags=re.IGNORECASE)
    if first.lower().startswith("usage: numaproof") and "\n" in first and not first.splitlines()[1].startswith(" "):
        # argp writes what the verb does right below its usage.
        usage, _, words = first.partition("\n")
        usage = re.sub(r"^usage:\s*", "", usage, flags=re.IGNORECASE)
        rest = [words, *rest]
    made = [
        f'.TH NUMAPROOF\\-{verb.upper()} 1 "" "numaproof {version}" "User Commands"',
        f".SH NAME\nnumaproof\\-{verb} \\- {quoted(summary)}",
        f".SH SYNOPSIS\n.B {quoted(usage)}",
        ".SH DESCRIPTION",
    ]
    for block in rest:
        lines = block.splitlines()
        if re.match(r"^(options|positional arguments):$", lines[0]):
            heading = "OPTIONS" if lines[0] == "options:" else "ARGUMENTS"
            made.append(f".SH {heading}\n{options(chr(10).join(lines[1:]))}")
        elif lines[0].startswith(" ") and "--" in block:
            made.append(f".SH OPTIONS\n{options(block)}")
        else:
            if re.match("(the )?exit status", lines[0], re.IGNORECASE):
                made.append(".SH EXIT STATUS")
            made.append(f".PP\n{quoted(' '.join(' '.join(lines).split()))}")
    made.append(".SH EXAMPLES")
    for words, example in EXAMPLES[verb]:
        made.append(f".PP\n{quoted(words)}\n.PP\n.RS 4\n.nf\n{quoted(example)}\n.fi\n.RE")
    made.append(".SH SEE ALSO\n.BR numaproof (1)")
    return "\n".join(made) + "\n"


def main(command: str, version: str, folder: str) -> None:
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    verbs = re.findall(r"^  (\w+) +(\S.*)$", help_of(command), re.MULTILINE)
    for verb, summary in verbs:
        (target / f"numaproof-{verb}.1").write_text(page(command, verb, summary, version), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
