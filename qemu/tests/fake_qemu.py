#!/usr/bin/python3
"""Stands in for QEMU where the launcher is tested without a guest: plays one scene on the lines it is given.

The scene is named by the environment. Frames are made here by the rules of guest/channel.h, not with the launcher's code.
"""

import os
import re
import struct
import sys
import time
import zlib

ENDED_BY_INIT = 85


def descriptor(pattern: str) -> int:
    """A descriptor that the command line names."""
    found = re.search(pattern, " ".join(sys.argv))
    assert found is not None
    return int(found[1])


class Scene:
    """What a guest may do."""

    def __init__(self) -> None:
        self.channel = descriptor(r"socket,id=channel,fd=(\d+)")
        self.console = descriptor(r"socket,id=console,fd=(\d+)")
        self.mailbox = descriptor(r"id=mailbox,mem-path=/proc/self/fd/(\d+)")

    def send(self, kind: bytes, payload: bytes = b"", cut: int = 0) -> None:
        frame = b"NP" + kind + b"\0" + struct.pack("<II", len(payload), zlib.crc32(payload)) + payload
        os.write(self.channel, frame[: len(frame) - cut])

    def hand_over(self, content: bytes, checksum: int | None = None) -> None:
        os.pwrite(self.mailbox, content, 0)
        self.send(b"R", b"%d %d" % (len(content), zlib.crc32(content) if checksum is None else checksum))

    def good(self) -> int:
        self.send(b"B")
        self.send(b"O", b"printed\n")
        self.hand_over(b"an archive")
        self.send(b"X", b"exit 0")
        return ENDED_BY_INIT

    def stand_still(self, program: str) -> None:
        line = f"[   61.0] watchdog: BUG: soft lockup - CPU#1 stuck for 54s! [{program}]\r\n"
        os.write(self.console, b"[    0.5] a line before\r\n" + line.encode() + b"[   61.1] Modules linked in:\r\n")

    def stalled(self) -> int:
        """A command that met its time limits while the machine stood still, after some accesses that were counted."""
        self.send(b"B")
        self.send(b"O", b"printed before\n")
        self.stand_still("swapper/1:0")
        if "id=accesses" in " ".join(sys.argv):
            os.pwrite(descriptor(r"id=accesses,mem-path=/proc/self/fd/(\d+)"), b"counted", 16384)
        self.hand_over(b"an archive of before")
        self.send(b"X", b"exit 1")
        return ENDED_BY_INIT

    def spinning(self) -> int:
        self.send(b"B")
        self.stand_still("numaproof:77")
        self.hand_over(b"an archive")
        self.send(b"X", b"exit 1")
        return ENDED_BY_INIT

    def no_word(self) -> int:
        self.send(b"B")
        return 0

    def cut_end(self) -> int:
        self.send(b"B")
        self.hand_over(b"an archive")
        self.send(b"X", b"exit 0", cut=1)
        return ENDED_BY_INIT

    def garbage(self) -> int:
        self.send(b"B")
        os.write(self.channel, b"[    1.0] a line of the kernel's log\r\n")
        time.sleep(60)
        return ENDED_BY_INIT

    def damaged_results(self) -> int:
        self.send(b"B")
        self.hand_over(b"an archive", checksum=1)
        self.send(b"X", b"exit 0")
        return ENDED_BY_INIT

    def no_results(self) -> int:
        self.send(b"B")
        self.send(b"X", b"exit 0")
        return ENDED_BY_INIT

    def not_switched_off(self) -> int:
        self.good()
        return 0

    def killed(self) -> int:
        self.good()
        os.kill(os.getpid(), 9)
        return 0

    def panic(self) -> int:
        self.send(b"B")
        os.write(self.console, b"[    2.0] Kernel panic - not syncing: Fatal exception\r\n")
        return 0

    def silent_boot(self) -> int:
        os.write(self.console, b"Booting from ROM..\r\n")
        time.sleep(60)
        return 0

    def deaf(self) -> int:
        self.send(b"B")
        time.sleep(60)
        return 0

    def quiet_but_alive(self) -> int:
        self.send(b"B")
        for _ in range(2):
            os.read(self.channel, 1)
            self.send(b"A")
        self.hand_over(b"an archive")
        self.send(b"X", b"exit 0")
        return ENDED_BY_INIT

    def refuses_options(self) -> int:
        print("qemu-system-x86_64: -numa: Invalid parameter")
        return 1


if __name__ == "__main__":
    sys.exit(getattr(Scene(), os.environ["FAKE_QEMU_SCENE"])())
