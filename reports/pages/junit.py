"""JUnit XML: a suite a machine, a test a case, as continuous integration reads it.

A case that could not be run is an error; one that let nothing be concluded is a failure, since it is no pass.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree

from pages.results import Case, Result
from pages.words import machine_name

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


def make_junit(results: Sequence[Result]) -> str:
    root = ElementTree.Element("testsuites", {"name": "numaproof"})
    for result in results:
        if result.conformance is None:
            continue
        cases = result.conformance.cases
        machine = machine_name(result).replace(" ", "-").lower()
        counts = {
            "tests": len(cases),
            "failures": sum(case.status == "ran" and case.verdict != "pass" for case in cases),
            "errors": sum(case.status == "error" for case in cases),
            "skipped": sum(case.status == "skipped" for case in cases),
        }
        suite = ElementTree.SubElement(root, "testsuite", {"name": _clean(machine)})
        for key, count in counts.items():
            suite.set(key, str(count))
        suite.set("time", f"{result.conformance.seconds:.3f}")
        for case in cases:
            _add_case(suite, case, machine)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"
