#!/usr/bin/env python3
"""The kernels of the benchmark beside those of others, in turns: peers.py [--rounds N] [--bytes N] BUILD-FOLDER.

Others are likwid-bench (Debian package likwid) and loops written by hand and compiled with -O3 -march=native, as STREAM
is. A round takes one sample of each over memory of the same size on node 0, ours and those by hand over the very same
pages (bench_peers), each a single pass; what drifts, drifts for all. Each side may use its best variant, ordinary stores or
those past the caches, the one with the better median. What is compared is the median of the rounds' own ratios: a virtual
machine's memory is now and then half as fast again for a single pass, so that the best pass, which STREAM prints, is a
matter of luck there; it is printed beside it. The chase has a minimal one beside it, compared in the same way. Arrays are
no power of two long, unless --bytes makes them so: at such a distance of each other they meet in the same banks of memory,
which likwid-bench would be spared, as it lays out its own.

Exit status 1 where ours is slower than 0.98 of the best, or the chase further than 3% from the other. Takes minutes, and
is worth what the quiet of the machine is worth: it is no part of the tests.
"""

from __future__ import annotations

import argparse
import re
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

LIKWID = {
    "read": ("load_avx", "load_avx512"),
    "copy": ("copy_mem_avx", "copy_mem_avx512", "copy_avx512"),
    "triad": ("stream_mem_avx", "stream_mem_avx512", "stream_avx512_fma"),
}
AT_LEAST = 0.98
CHASE_WITHIN = 0.03


class Ours:
    """bench_peers at work: a line of figures for each line that it is sent."""

    def __init__(self, build: Path, *arguments: str) -> None:
        command = [str(build / "bin" / "bench_peers"), *arguments]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def sample(self) -> dict[str, float]:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        words = re.findall(r"([^=;]+)=([0-9.]+)", self.process.stdout.readline().strip())
        return {name: float(value) for name, value in words}

    def end(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()


def likwid(test: str, threads: int, size: int) -> float:
    """MB/s (10^6 bytes) of one test."""
    command = ["likwid-bench", "-t", test, "-w", f"S0:{size // 1000}kB:{threads}", "-i", "1"]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"MByte/s:\s+([0-9.]+)", out)
    if found is None:
        raise SystemExit(f"peers.py: likwid-bench -t {test} printed no MByte/s")
    return float(found.group(1))


def runnable(kernel: str) -> list[str]:
    """The tests of a kernel that this processor has the instructions for: likwid-bench dies of the others."""
    flags = re.search(r"^flags\s*:(.*)$", Path("/proc/cpuinfo").read_text(encoding="ascii"), re.M)
    has = set(flags[1].split()) if flags else set()
    needs = {test: "avx512f" if "avx512" in test else "avx" for test in LIKWID[kernel]}
    return [test for test, need in needs.items() if need in has]


def best(samples: dict[str, list[float]]) -> str:
    return max(samples, key=lambda name: statistics.median(samples[name]))


def middle(ratios: list[float]) -> tuple[float, str]:
    """The median, and in words with its 95% interval by order statistics."""
    ordered = sorted(ratios)
    below = max(0, int(len(ordered) / 2 - 0.98 * len(ordered) ** 0.5) - 1)
    median = statistics.median(ordered)
    return median, f"{median:.3f} [{ordered[below]:.3f}, {ordered[-1 - below]:.3f}]"


def race(build: Path, kernel: str, threads: int, size: int, rounds: int) -> bool:
    ours: dict[str, list[float]] = {}
    theirs: dict[str, list[float]] = {}
    peers = Ours(build, kernel, str(threads), str(size))
    peers.sample()  # The first touches everything.
    tests = runnable(kernel)
    for _ in range(rounds):
        taken = peers.sample()
        for name, value in taken.items():
            (ours if name.startswith("ours") else theirs).setdefault(name, []).append(value)
        for test in tests:
            theirs.setdefault(f"likwid {test}", []).append(likwid(test, threads, size))
    peers.end()
    for name, samples in {**ours, **theirs}.items():
        print(f"    {name:26} median {statistics.median(samples):8.0f}  best {max(samples):8.0f} MB/s")
    mine, other = best(ours), best(theirs)
    ratio, words = middle([a / b for a, b in zip(ours[mine], theirs[other])])
    bests = max(ours[mine]) / max(theirs[other])
    print(f"{kernel}, {threads} thread(s): {mine} / {other} = {words} (best passes {bests:.3f})", flush=True)
    return ratio >= AT_LEAST


def race_chase(build: Path, size: int, rounds: int) -> bool:
    peers = Ours(build, "chase", str(size))
    peers.sample()
    samples = [peers.sample() for _ in range(rounds)]
    peers.end()
    ratio, words = middle([sample["ours"] / sample["by hand"] for sample in samples])
    for name in ("ours", "by hand"):
        print(f"    {name:26} median {statistics.median(sample[name] for sample in samples):8.2f} ns")
    print(f"chase: ours / by hand = {words}", flush=True)
    return abs(ratio - 1) <= CHASE_WITHIN


def main() -> int:
    parser = argparse.ArgumentParser(description="The kernels of the benchmark beside those of others.")
    parser.add_argument("build", type=Path)
    parser.add_argument("--rounds", type=int, default=31)
    parser.add_argument("--bytes", type=int, default=10**9)
    options = parser.parse_args()
    if shutil.which("likwid-bench") is None:
        raise SystemExit("peers.py: no likwid-bench here, which is what we are held to; Debian package likwid")
    size = options.bytes >> 21 << 21
    good = [race_chase(options.build, size >> 2, 4 * options.rounds)]
    for kernel in LIKWID:
        for threads in (1, 2):
            good.append(race(options.build, kernel, threads, size, options.rounds))
    print(f"{sum(good)} of {len(good)} hold")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
