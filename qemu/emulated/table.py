"""Tables for people: columns as wide as their widest cell, numbers to the right."""


def table(heads: list[str], rows: list[list[str]]) -> str:
    """The table's lines; the last column is not padded."""
    widths = [max(len(row[column]) for row in [heads, *rows]) for column in range(len(heads))]
    numeric = [
        bool(rows) and all(row[column][:1].isdigit() or row[column] in ("", "-") for row in rows)
        for column in range(len(heads))
    ]

    def line(row: list[str]) -> str:
        cells = [cell.rjust(width) if right else cell.ljust(width) for cell, width, right in zip(row, widths, numeric)]
        return "  ".join(cells).rstrip()

    return "\n".join(line(row) for row in [heads, *rows])
