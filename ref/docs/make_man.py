"""Manual pages from the public headers, so that what `man np_pin_to_cpus` says is what the header says.

A header is read as it is written: a file comment, then declarations, each with its comment before it; structs and enums
have a comment after each member. One page a header, np_pin.3 for pin.h, and for each function a page that is the same.

Usage: make_man.py VERSION HEADER_FOLDER OUTPUT_FOLDER
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

DECLARATION = re.compile(
    r"/\*\*(?P<comment>.*?)\*/\s*" r"(?P<code>typedef [^{;]*;|typedef [^{;]*\{.*?\n\}[^;]*;|#define[^\n]*|[^#/{;]*;)",
    re.S,
)
FUNCTION = re.compile(r"\b(np_[a-z0-9_]+)\(")
MEMBER = re.compile(r"^ +(?P<code>[^/\n]+?)[;,]? *(?:/\*\*<\s*(?P<comment>.*?)\*/)?$", re.M | re.S)


@dataclass
class Item:
    """A declaration, or some that follow one another, and the comment before them."""

    comment: str
    code: str

    def functions(self) -> list[str]:
        """The names of the functions that it declares."""
        if self.code.startswith(("typedef", "#define")):
            return []
        return FUNCTION.findall(self.code)


@dataclass
class Header:
    """A header in the terms of a manual page."""

    name: str
    title: str
    comment: str
    items: list[Item]


def plain(comment: str) -> str:
    """The text of a comment, without the stars that it is drawn with."""
    lines = [re.sub(r"^\s*\* ?", "", line).rstrip() for line in comment.strip().splitlines()]
    return "\n".join(lines).strip()


def following_prototypes(text: str, end: int) -> str:
    """Prototypes that come right after a declaration, without a comment of their own, belong to its comment."""
    more = re.match(r"(?:\n[a-z][^;{}/#]*;)+", text[end:])
    return more.group(0) if more else ""


def read_header(path: Path) -> Header:
    """Take a header apart."""
    text = path.read_text()
    file_comment = re.search(r"/\*\*\n \* @file\n(.*?)\*/", text, re.S)
    if file_comment is None:
        raise SystemExit(f"{path}: no comment of the file")
    title, _, rest = plain(file_comment.group(1)).partition("\n")
    items = []
    body = text[file_comment.end() :]
    for found in DECLARATION.finditer(body):
        code = found.group("code") + following_prototypes(body, found.end())
        items.append(Item(plain(found.group("comment")), code.strip()))
    return Header(path.stem, title.rstrip("."), rest.strip(), items)


def escape(text: str) -> str:
    """Text as roff takes it literally."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line.startswith((".", "'")) else line for line in text.split("\n"))


def prose(text: str) -> str:
    """Paragraphs; @p marks a parameter."""
    text = escape(text)
    text = re.sub(r"@p (\w+)", r"\\fI\1\\fP", text)
    return text.replace("\n\n", "\n.PP\n")


def code_block(code: str) -> str:
    """Code as it stands."""
    return ".PP\n.nf\n" + escape(code) + "\n.fi"


def members(code: str) -> str:
    """The members of a struct or an enum, each with what the header says of it; none where it is opaque."""
    inside = code.partition("{")[2]
    found = [(member["code"], plain(member["comment"] or "")) for member in MEMBER.finditer(inside)]
    return "\n".join(f".TP\n.B {escape(name)}\n{prose(comment)}" for name, comment in found)


def item_text(item: Item) -> str:
    """A declaration as a section of the page."""
    if item.code.startswith("typedef"):
        name = item.code.rsplit("}", 1)[-1].strip(" ;") if "}" in item.code else item.code.split()[-1].strip(";")
        return f".SS {escape(name)}\n{prose(item.comment)}\n{members(item.code)}"
    if item.code.startswith("#define"):
        return f".SS {escape(item.code.split()[1])}\n{prose(item.comment)}"
    return f".SS {escape(', '.join(item.functions()))}\n{prose(item.comment)}"


def page(header: Header, others: list[str], version: str) -> str:
    """The whole page."""
    functions = [item for item in header.items if item.functions()]
    names = ", ".join([f"np_{header.name}", *(name for item in functions for name in item.functions())])
    parts = [
        f'.TH NP_{header.name.upper()} 3 "" "numaproof {version}" "Library functions"',
        f".SH NAME\n{escape(names)} \\- {escape(header.title[0].lower() + header.title[1:])}",
        ".SH SYNOPSIS\n.nf\n" + escape(f"#include <numaproof/{header.name}.h>\n"),
        "\n".join(escape(item.code) for item in functions) + "\n.fi",
        f".SH DESCRIPTION\n{prose(header.comment)}",
        *(item_text(item) for item in header.items),
        ".SH SEE ALSO\n"
        + ",\n".join(f".BR np_{other} (3)" for other in others if other != header.name).replace(",\n", ", \n"),
    ]
    return "\n".join(part for part in parts if part.strip()) + "\n"


def main() -> None:
    """Write all pages."""
    version, source, target = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    target.mkdir(parents=True, exist_ok=True)
    headers = [read_header(path) for path in sorted(source.glob("*.h")) if path.stem not in ("api", "numaproof")]
    for header in headers:
        (target / f"np_{header.name}.3").write_text(page(header, [other.name for other in headers], version))
        for item in header.items:
            for function in item.functions():
                if function != f"np_{header.name}":
                    (target / f"{function}.3").write_text(f".so man3/np_{header.name}.3\n")


if __name__ == "__main__":
    main()
