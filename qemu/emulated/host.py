"""What the host has for guests."""

from pathlib import Path

from emulated.errors import CannotRun


def available_memory() -> int:
    """Bytes that can be had without swapping."""
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) << 10
    raise CannotRun("/proc/meminfo does not tell the memory available")
