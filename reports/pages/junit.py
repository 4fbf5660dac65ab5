"""JUnit XML: a suite a machine, a test a case, as continuous integration reads it.

A case that could not be run is an error; one that let nothing be concluded is a failure, since it is no pass.

Cases are not all that a run can fail by: a figure beyond its threshold, a claim that does not hold, a check, an emulated machine that
was lost, a baseline. The last suite, "verdict", has the run's verdict as a test, and a test for each such reason, so that a
run that ends with a status other than 0 is never green here. What only takes hard mode away is no failure, as it is none of the
run's, and no pass either: it is skipped, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import count
from xml.etree import ElementTree

from pages.results import Case, Finding, Result
from pages.words import machine_name

SOFT_ONLY = "pass-soft-only"

# What XML 1.0 cannot hold.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("�", text)


def _add_case(suite: ElementTree.Element, case: Case, machine: str) -> None:
    test = ElementTree.SubElement(
        suite,
        "testcase",
        {"classname": _clean(f"{machine}.{case.clauses[0] if case.clauses else 'none'}"), "name": _clean(case.id)},
    )
    test.set("time", f"{case.seconds:.3f}")
    if case.status == "skipped":
        ElementTree.SubElement(test, "skipped", {"message": _clean(case.reason)})
    elif case.status == "error":
        ElementTree.SubElement(test, "error", {"message": _clean(case.reason)})
    elif case.verdict != "pass":
        message = f"{case.verdict}: {case.reason}"
        ElementTree.SubElement(test, "failure", {"message": _clean(message)}).text = _clean(case.meaning)


def _add_suite(root: ElementTree.Element, name: str, seconds: float) -> ElementTree.Element:
    return ElementTree.SubElement(root, "testsuite", {"name": _clean(name), "time": f"{seconds:.3f}"})


def _count(suite: ElementTree.Element) -> None:
    """What stands in a suite, as its attributes."""
    suite.set("tests", str(len(suite)))
    for attribute, outcome in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(len(suite.findall(f"testcase/{outcome}"))))


def _add_finding(suite: ElementTree.Element, finding: Finding, machine: str, names: set[str]) -> None:
    base = _clean(f"{finding.part} {finding.id}")
    name = base
    for number in count(2):
        if name not in names:
            break
        name = f"{base} ({number})"
    names.add(name)
    test = ElementTree.SubElement(suite, "testcase", {"classname": f"{machine}.verdict", "name": name, "time": "0.000"})
    outcome = "skipped" if finding.weight == SOFT_ONLY else "failure"
    ElementTree.SubElement(test, outcome, {"message": _clean(f"{finding.weight}: {finding.text}")})


def _add_verdict(root: ElementTree.Element, result: Result, machine: str) -> None:
    """The run's verdict, and all that made it other than a pass and is no case."""
    suite = _add_suite(root, "verdict", 0)
    test = ElementTree.SubElement(suite, "testcase", {"classname": f"{machine}.verdict", "name": "verdict"})
    test.set("time", "0.000")
    if result.verdict not in ("pass", SOFT_ONLY):
        message = f"{result.verdict}: {result.reasons[0] if result.reasons else 'no reason was given'}"
        failure = ElementTree.SubElement(test, "failure", {"message": _clean(message)})
        failure.text = _clean("\n".join(result.reasons))
    names = {"verdict"}
    for finding in result.findings:
        if finding.weight != "note" and finding.part not in ("run", "case"):
            _add_finding(suite, finding, machine, names)
    _count(suite)


def make_junit(results: Sequence[Result]) -> str:
    """Of a run: its own machine first, then those that were emulated with it. The verdict is that of the whole."""
    root = ElementTree.Element("testsuites", {"name": "numaproof"})
    machines = [_clean(machine_name(result).replace(" ", "-").lower()) for result in results]
    for result, machine in zip(results, machines):
        if result.conformance is not None:
            suite = _add_suite(root, machine, result.conformance.seconds)
            for case in result.conformance.cases:
                _add_case(suite, case, machine)
            _count(suite)
    _add_verdict(root, results[0], machines[0])
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"
