"""One run of a guest: start QEMU, listen, and say what became of it.

All that the guest gets and gives passes through memory files and socket pairs that belong to this process, never through
named files: whatever kills the launcher takes everything with it. QEMU itself is killed by the kernel
when its parent goes.

A guest counts as ended only when three witnesses agree: init's word that the command ended, results whose checksum
holds, and QEMU's exit status that only init's power switch gives. Everything else is a lost guest, and `outcome`
tells by name how it was lost.
"""

import os
import selectors
import socket
import subprocess
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

from emulated import channel
from emulated.channel import BrokenLine, Frame, Reader
from emulated.command_line import MAILBOX_SIZE, QEMU, Files, qemu_command
from emulated.counting import Counter
from emulated.errors import CannotRun
from emulated.machine import Machine
from emulated.processes import die_with

BOOT_SECONDS = 60
QUIET_SECONDS = 60  # after so long without a word the guest is asked whether it lives
ANSWER_SECONDS = 120  # a host with much to do lets a guest stand still for a minute
LAST_CONSOLE_BYTES = 8 << 20

Listener = Callable[[Frame], None]


@dataclass
class Evidence:
    """All that is known about a run at its end."""

    console: bytearray = field(default_factory=bytearray)
    qemu_words: bytearray = field(default_factory=bytearray)
    qemu_status: int | None = None
    booted_after: float | None = None
    boots: int = 1
    stalls: list[str] = field(default_factory=list)  # what is known of each boot that stood still, in a sentence
    seconds: float = 0.0
    trouble: str | None = None  # in init's words
    ended: str | None = None  # "exit N", "signal N", "out-of-memory N"
    results: bytes | None = None
    broken_line: str | None = None
    overtime: str | None = None  # "boot", "hang" or "limit" when the launcher ended it


class Guest:
    """A QEMU process and the lines to it."""

    def __init__(
        self,
        machine: Machine,
        accelerator: str,
        kernel: str,
        initramfs: bytes,
        counter: Counter | None = None,
    ) -> None:
        self.evidence = Evidence()
        self._machine = machine
        self._reader = Reader()
        self._selector = selectors.DefaultSelector()
        self._initramfs = os.memfd_create("numaproof-initramfs")
        self._mailbox = os.memfd_create("numaproof-mailbox")
        with open(os.dup(self._initramfs), "wb") as file:
            file.write(initramfs)
        os.truncate(self._mailbox, MAILBOX_SIZE)
        self._console, console = socket.socketpair()
        self._channel, line = socket.socketpair()
        files = Files(kernel, self._initramfs, self._mailbox, console.fileno(), line.fileno())
        self.started = time.monotonic()
        more = counter.qemu_arguments() if counter else []
        inherited = [counter.descriptor] if counter else []
        environment = os.environ | (counter.environment() if counter else {})
        self._process = self._start(qemu_command(machine, accelerator, files, more), files, inherited, environment)
        console.close()
        line.close()

    @staticmethod
    def _start(
        command: list[str], files: Files, more: list[int], environment: dict[str, str]
    ) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=(files.initramfs, files.mailbox, files.console, files.channel, *more),
                env=environment,
                start_new_session=True,
                preexec_fn=die_with(os.getpid()),
            )
        except FileNotFoundError as error:
            raise CannotRun(f"{QEMU} is not installed: it is in the package qemu-system-x86") from error
        except OSError as error:
            raise CannotRun(f"cannot start {QEMU}: {error.strerror}") from error

    def __enter__(self) -> "Guest":
        return self

    def __exit__(self, *_: object) -> None:
        """Ends QEMU if it still runs, and forgets everything."""
        self._process.kill()
        self._process.wait()
        self._selector.close()
        if self._process.stdout:
            self._process.stdout.close()
        for end in (self._console, self._channel):
            end.close()
        os.close(self._initramfs)
        os.close(self._mailbox)

    def listen(self, listener: Listener, boot_seconds: float = BOOT_SECONDS) -> Evidence:
        """Follows the guest to its end, within its limits; tells each frame to @listener as it comes."""
        assert self._process.stdout is not None
        for descriptor in (self._console.fileno(), self._channel.fileno(), self._process.stdout.fileno()):
            os.set_blocking(descriptor, False)
            self._selector.register(descriptor, selectors.EVENT_READ)
        heard = self.started
        asked: float | None = None
        while self._selector.get_map():
            for key, _ in self._selector.select(timeout=0.5):
                if self._take(key.fd, listener):
                    heard, asked = time.monotonic(), None
            now = time.monotonic()
            self._judge_time(now, heard, asked, boot_seconds)
            if self.evidence.overtime or self.evidence.broken_line:
                break
            if asked is None and now - heard > QUIET_SECONDS and self.evidence.booted_after is not None:
                asked = now
                self._ask()
        return self._conclude()

    def _take(self, descriptor: int, listener: Listener) -> bool:
        """Reads what one line has for us; whether the guest's init was heard."""
        try:
            data = os.read(descriptor, 65536)
        except BlockingIOError:
            return False
        except ConnectionResetError:
            data = b""
        if not data:
            self._selector.unregister(descriptor)
            return False
        if descriptor == self._channel.fileno():
            self._take_frames(data, listener)
            return True
        log = self.evidence.console if descriptor == self._console.fileno() else self.evidence.qemu_words
        log += data
        del log[:-LAST_CONSOLE_BYTES]
        return False

    def _take_frames(self, data: bytes, listener: Listener) -> None:
        try:
            for frame in self._reader.feed(data):
                self._note(frame)
                listener(frame)
        except BrokenLine as broken:
            self.evidence.broken_line = str(broken)

    def _note(self, frame: Frame) -> None:
        evidence = self.evidence
        if frame.kind == channel.BOOTED:
            evidence.booted_after = time.monotonic() - self.started
        elif frame.kind == channel.TROUBLE:
            evidence.trouble = frame.text
        elif frame.kind == channel.ENDED:
            evidence.ended = frame.text
        elif frame.kind == channel.RESULTS:
            size, checksum = (int(number) for number in frame.text.split())
            evidence.results = os.pread(self._mailbox, size, 0)
            if zlib.crc32(evidence.results) != checksum:
                evidence.broken_line = "the checksum of the results does not hold"

    def _judge_time(self, now: float, heard: float, asked: float | None, boot_seconds: float) -> None:
        if self.evidence.booted_after is None and now - self.started > boot_seconds:
            self.evidence.overtime = "boot"
        elif asked is not None and now - asked > ANSWER_SECONDS and heard < asked:
            self.evidence.overtime = "hang"
        elif now - self.started > self._machine.limits.seconds:
            self.evidence.overtime = "limit"

    def _ask(self) -> None:
        try:
            self._channel.send(channel.QUESTION)
        except OSError:
            pass  # the line is gone; its end is noticed where it is read

    def _conclude(self) -> Evidence:
        if self.evidence.overtime or self.evidence.broken_line:
            self._process.kill()
        self.evidence.qemu_status = self._process.wait()
        self.evidence.seconds = time.monotonic() - self.started
        if self._reader.is_mid_frame and not self.evidence.broken_line:
            self.evidence.broken_line = "the line ended within a frame"
        return self.evidence
