"""The list of the contract's clauses: which functions keep each, which cases test it, which mutants break it.

Nothing in it is kept by hand. Clauses, cases and mutants are the suite's own, as np_list_clauses prints them; the functions
of a clause are those whose comments in the public headers name it, or, where a header names it for all that is in it, that
header. A clause on an implementation that no function keeps, no case tests or no mutant breaks is a hole in the project: a
promise that nobody makes, that nobody looks at, or that is looked at by nobody knows what. So is a clause that a header, a
case or a mutant names and the contract lacks. A clause about the command is the other way round: no implementation can
break it, the command's own tests have it, and a case or mutant of it is a mistake. Each is told, and makes the exit status
1, which ends the build.

Usage: make_clauses.py LISTED HEADER_FOLDER MAKE_MAN OUTPUT.md
"""

import importlib.util
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

CLAUSE = re.compile(r"\b[A-Z]{3,5}-[0-9]+\b")
PARTS = {
    "ABI": "The form of an implementation",
    "LAW": "Laws",
    "CAP": "Capabilities",
    "SET": "Sets",
    "TOPO": "Topology",
    "PIN": "Pinning",
    "MEM": "Memory regions",
    "EXEC": "Executor",
    "SHARD": "Sharded data",
    "DEV": "Devices",
    "STAT": "Observability",
    "CHECK": "The deployment checklist (tests of the command)",
}


@dataclass
class Clause:
    """A clause and what stands behind it."""

    name: str
    level: str
    text: str
    functions: list[str] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    cases: list[tuple[str, str]] = field(default_factory=list)
    mutants: list[str] = field(default_factory=list)

    def about_implementations(self) -> bool:
        """Whether an implementation can break it; the rest is about the command."""
        return self.level != "command"


def load(path: Path) -> ModuleType:
    """The module that reads headers, from where it lies."""
    spec = importlib.util.spec_from_file_location("make_man", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path}: no Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_man"] = module  # Where dataclasses look for it.
    spec.loader.exec_module(module)
    return module


def read_listed(path: Path) -> tuple[dict[str, Clause], list[str]]:
    """What np_list_clauses printed, and complaints about clauses that are none."""
    clauses: dict[str, Clause] = {}
    unknown = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        fields = line.split("\t")
        if len(fields) != 4 or fields[0] not in ("clause", "case", "mutant"):
            raise SystemExit(f"{path}:{number}: not a clause, a case or a mutant: {line}")
        kind, name, second, third = fields
        if kind == "clause":
            clauses[name] = Clause(name, second, third)
        for clause in second.split() if kind != "clause" else []:
            if clause not in clauses:
                unknown.append(f"the {kind} {name} names {clause}, which is no clause")
            elif kind == "case":
                clauses[clause].cases.append((name, third))
            else:
                clauses[clause].mutants.append(name)
    return clauses, unknown


def read_headers(folder: Path, reader: ModuleType, clauses: dict[str, Clause]) -> list[str]:
    """Add the functions; returns complaints about clauses that are none."""
    unknown = []
    for path in sorted(folder.glob("*.h")):
        header = reader.read_header(path)
        mentions = [(name, path.name, None) for name in CLAUSE.findall(header.title + header.comment)]
        for item in header.items:
            mentions += [(name, path.name, item) for name in CLAUSE.findall(item.comment + item.code)]
        for name, where, item in mentions:
            if name not in clauses:
                unknown.append(f"{where} names {name}, which is no clause")
            elif item is not None:
                clauses[name].functions += [f for f in item.functions() if f not in clauses[name].functions]
            elif where not in clauses[name].headers:
                clauses[name].headers.append(where)
    return unknown


def holes(clauses: dict[str, Clause]) -> list[str]:
    """What should stand behind a clause and does not, or does and should not."""
    found = []
    for clause in clauses.values():
        if not clause.about_implementations():
            if clause.cases or clause.mutants:
                found.append(f"{clause.name}: is about the command, and no case or mutant can be of it")
            continue
        if not clause.functions and not clause.headers:
            found.append(f"{clause.name}: no function of the headers names it")
        if not clause.cases:
            found.append(f"{clause.name}: no case tests it")
        if not clause.mutants:
            found.append(f"{clause.name}: no mutant breaks it")
    return found


def kept_by(clause: Clause) -> str:
    """The functions in words."""
    names = [f"`{name}`" for name in clause.functions]
    if not names:
        names = [f"all of `{name}`" for name in clause.headers]
    return ", ".join(names) or "**nothing**"


def page(clauses: dict[str, Clause]) -> str:
    """The whole list."""
    about = [clause for clause in clauses.values() if clause.about_implementations()]
    cases = {name for clause in about for name, _ in clause.cases}
    lines = [
        "# The clauses, and what stands behind each",
        "",
        f"{len(about)} clauses on implementations, {len(cases)} cases. Made by the build from the public headers and the suite;"
        " `numaproof conform --clause ID` runs the cases of a clause.",
    ]
    part = ""
    for clause in about:
        prefix = clause.name.partition("-")[0]
        if prefix != part:
            lines += ["", f"## {PARTS[prefix]}"]
            part = prefix
        lines += ["", f"**{clause.name}** {clause.text}", "", f"- kept by {kept_by(clause)}"]
        lines += [f"- tested by `{name}`: {meaning}" for name, meaning in clause.cases] or ["- tested by **nothing**"]
        lines += (
            [f"- broken by the mutants {', '.join(f'`{name}`' for name in clause.mutants)}"] if clause.mutants else []
        )
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the list; 1 where it has holes."""
    listed, headers, make_man, output = (Path(argument) for argument in sys.argv[1:])
    clauses, complaints = read_listed(listed)
    complaints += read_headers(headers, load(make_man), clauses) + holes(clauses)
    output.write_text(page(clauses))
    for complaint in complaints:
        print(complaint)
    about = sum(clause.about_implementations() for clause in clauses.values())
    print(f"{about} clauses on implementations, {len(complaints)} holes")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
