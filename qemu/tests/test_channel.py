"""Frames from the guest: whole ones are taken, in pieces of any size, and nothing else is."""

import random
import struct
import unittest
import zlib

import support  # noqa: F401
from emulated.channel import BrokenLine, Frame, Reader


def frame(kind: bytes, payload: bytes) -> bytes:
    """A frame as guest/channel.c writes it."""
    return b"NP" + kind + b"\0" + struct.pack("<II", len(payload), zlib.crc32(payload)) + payload


class Frames(unittest.TestCase):
    def test_pieces_of_any_size_give_the_same_frames(self) -> None:
        sent = [Frame(b"O", bytes([number]) * number) for number in range(40)]
        line = b"".join(frame(one.kind, one.payload) for one in sent)
        chance = random.Random(1)
        for _ in range(50):
            reader, got, at = Reader(), [], 0
            while at < len(line):
                step = chance.randint(1, 100)
                got += list(reader.feed(line[at : at + step]))
                at += step
            self.assertEqual(got, sent)
            self.assertFalse(reader.is_mid_frame)

    def test_a_cut_line_is_seen(self) -> None:
        whole = frame(b"X", b"exit 0")
        for length in range(1, len(whole)):
            reader = Reader()
            self.assertEqual(list(reader.feed(whole[:length])), [])
            self.assertTrue(reader.is_mid_frame)

    def test_every_changed_byte_is_seen(self) -> None:
        whole = frame(b"X", b"exit 0")
        for at in range(len(whole)):
            if at in (2, 3):
                continue  # the kind: another kind is another message, and the padding says nothing
            changed = whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :]
            reader = Reader()
            try:
                self.assertEqual(list(reader.feed(changed)), [], f"byte {at}")
                self.assertTrue(reader.is_mid_frame)
            except BrokenLine:
                pass

    def test_text_that_is_no_frame_is_a_broken_line(self) -> None:
        with self.assertRaises(BrokenLine):
            list(Reader().feed(b"[    0.000000] Linux version"))


if __name__ == "__main__":
    unittest.main()
