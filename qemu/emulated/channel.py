"""Reading what the guest's init sends: frames on the second serial port, see guest/channel.h.

Bytes arrive in pieces of any size. A frame counts only when it is whole and its checksum holds; anything else is a broken
line, and a broken line is a lost guest.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

_HEADER = struct.Struct("<2s1sxII")
_LONGEST = 1 << 20

BOOTED, OUTPUT, ERROR, ALIVE, RESULTS, ENDED, TROUBLE = b"B", b"O", b"E", b"A", b"R", b"X", b"T"
QUESTION = b"?"  # the one byte that asks init whether it lives


class BrokenLine(Exception):
    """What arrived is not what init sends."""


@dataclass(frozen=True)
class Frame:
    """One message of the guest."""

    kind: bytes
    payload: bytes

    @property
    def text(self) -> str:
        """The payload of a frame of one line."""
        return self.payload.decode(errors="replace")


class Reader:
    """Puts frames together."""

    def __init__(self) -> None:
        self._pending = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that are whole now that @data has arrived; BrokenLine when it cannot be a frame."""
        self._pending += data
        while len(self._pending) >= _HEADER.size:
            magic, kind, length, checksum = _HEADER.unpack_from(self._pending)
            if magic != b"NP" or length > _LONGEST:
                raise BrokenLine(f"{bytes(self._pending[:16])!r} is no frame")
            end = _HEADER.size + length
            if len(self._pending) < end:
                return
            payload = bytes(self._pending[_HEADER.size : end])
            if zlib.crc32(payload) != checksum:
                raise BrokenLine(f"the checksum of a frame of {length} bytes does not hold")
            del self._pending[:end]
            yield Frame(kind, payload)

    @property
    def is_mid_frame(self) -> bool:
        """Whether bytes of an unfinished frame are waiting."""
        return bool(self._pending)
