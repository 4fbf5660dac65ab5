"""How fast the processor's time-stamp counter ticks.

Under emulation the guest's counter is the host's, and the guest's kernel must find out its rate against an emulated timer. On
a busy host, where the emulation is interrupted in the middle of that, it finds anything: clocks three times too fast
were seen (Linux 6.1, QEMU 7.2), and nothing in the guest can tell. So the rate is measured here, and told to the kernel.
"""

import ctypes
import mmap
import platform
import time

# rdtsc; shl rdx, 32; or rax, rdx; ret
_READ_COUNTER = bytes.fromhex("0f31 48c1e220 4809d0 c3")
_APART_NS = 20_000_000
_TRIES = 50


def _moment(read_counter: "ctypes._FuncPointer") -> tuple[int, int]:
    """The clock and the counter at one moment: the pair between whose readings the least time went by."""
    best: tuple[int, int, int] | None = None
    for _ in range(_TRIES):
        before = time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW)
        counter = int(read_counter())
        after = time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW)
        if best is None or after - before < best[0]:
            best = (after - before, (before + after) // 2, counter)
    assert best is not None
    return best[1], best[2]


def counter_khz() -> int | None:
    """Ticks in a millisecond; None on a host without such a counter, or that lets no code be made."""
    if platform.machine() != "x86_64":
        return None
    try:
        page = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    except OSError:
        return None
    page.write(_READ_COUNTER)
    holder = ctypes.c_char.from_buffer(page)
    read_counter = ctypes.CFUNCTYPE(ctypes.c_uint64)(ctypes.addressof(holder))
    clock, counter = _moment(read_counter)
    time.sleep(_APART_NS / 1e9)
    later_clock, later_counter = _moment(read_counter)
    del read_counter, holder
    page.close()
    return (later_counter - counter) * 1_000_000 // (later_clock - clock)
