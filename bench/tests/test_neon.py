"""The kernels for AArch64, built by a cross compiler and run by an emulator: test_neon.py SOURCE-FOLDER.

This shows that they compute what they should. How fast they are, only such a processor can tell.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SKIP = 77
COMPILER, EMULATOR = "aarch64-linux-gnu-gcc", "qemu-aarch64"
FLAGS = "-std=c11 -D_GNU_SOURCE -O3 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -static".split()


def main() -> int:
    for program in (COMPILER, EMULATOR):
        if shutil.which(program) is None:
            print(f"skipped: {program} is not installed")
            return SKIP
    bench = Path(sys.argv[1])
    sources = [str(path) for path in sorted(bench.glob("streams*.c"))]
    with tempfile.TemporaryDirectory() as folder:
        program = str(Path(folder) / "check_kernels")
        command = [COMPILER, *FLAGS, f"-I{bench}", "-o", program, str(bench / "tests" / "check_kernels.c"), *sources]
        subprocess.run(command, check=True)
        run = subprocess.run([EMULATOR, program], capture_output=True, text=True, check=False)
    print(run.stdout, run.stderr, end="")
    # All: those that write past the caches must not have been left out.
    complete = "NEON: 11 kernels" in run.stdout and "NEON with prefetching: 4 kernels" in run.stdout
    return 0 if run.returncode == 0 and complete else 1


if __name__ == "__main__":
    sys.exit(main())
