"""Taking the kernel proper out of a bzImage.

A distribution's kernel is a small program that unpacks a large one. Under emulation the unpacking costs a second of each
boot; done once on the host it costs nothing. The large one, an ELF file, can be started directly when it carries the PVH
note, as Debian's and Ubuntu's do.

The offsets are those of Documentation/x86/boot.rst. liblz4 and libzstd are used through ctypes, since Python's own
library has neither; dpkg and apt need both, so they are on every machine that we know.
"""

import ctypes
import lzma
import struct
import zlib
from collections.abc import Callable

_ELF = b"\x7fELF"
_NOTE_SEGMENT = 4
_PVH_NOTE = 18  # XEN_ELFNOTE_PHYS32_ENTRY, owner "Xen"
_LARGEST = 512 << 20
_LZ4_BLOCK = 8 << 20


class Unusable(Exception):
    """The kernel cannot be taken out, or could not be started directly; its bzImage still can."""


def _lz4(packed: bytes) -> bytes:
    """The legacy frame format: a magic number, then blocks of at most 8 MiB, each after its packed size."""
    library = ctypes.CDLL("liblz4.so.1")
    block = ctypes.create_string_buffer(_LZ4_BLOCK)
    unpacked = []
    at = 4
    while at + 4 <= len(packed):
        (size,) = struct.unpack_from("<I", packed, at)
        if at + 4 + size > len(packed):
            break  # the size of the unpacked kernel, which the build appends
        got = library.LZ4_decompress_safe(packed[at + 4 : at + 4 + size], block, size, _LZ4_BLOCK)
        if got < 0:
            raise Unusable(f"the LZ4 block at byte {at} is damaged")
        unpacked.append(ctypes.string_at(block, got))
        at += 4 + size
    return b"".join(unpacked)


def _zstd(packed: bytes) -> bytes:
    """One frame, before the size of the unpacked kernel, which the build appends."""
    library = ctypes.CDLL("libzstd.so.1")
    for name in ("ZSTD_findFrameCompressedSize", "ZSTD_decompress"):
        getattr(library, name).restype = ctypes.c_size_t
    (size,) = struct.unpack("<I", packed[-4:])
    if size > _LARGEST:
        raise Unusable(f"claims to unpack to {size} bytes")
    output = ctypes.create_string_buffer(size)
    frame = library.ZSTD_findFrameCompressedSize(packed, ctypes.c_size_t(len(packed)))
    got = library.ZSTD_decompress(output, ctypes.c_size_t(size), packed, ctypes.c_size_t(min(frame, len(packed))))
    if got != size:
        raise Unusable("the Zstandard frame is damaged")
    return ctypes.string_at(output, size)


def _gzip(packed: bytes) -> bytes:
    return zlib.decompressobj(wbits=31).decompress(packed, _LARGEST)


def _xz(packed: bytes) -> bytes:
    return lzma.LZMADecompressor().decompress(packed, _LARGEST)


_METHODS: dict[bytes, Callable[[bytes], bytes]] = {
    b"\x02\x21\x4c\x18": _lz4,
    b"\x28\xb5\x2f\xfd": _zstd,
    b"\x1f\x8b": _gzip,
    b"\xfd7zXZ": _xz,
}


def _payload(image: bytes) -> bytes:
    if image[0x202:0x206] != b"HdrS":
        raise Unusable("is no bzImage")
    setup_sectors = image[0x1F1] or 4
    offset, length = struct.unpack_from("<II", image, 0x248)
    start = (setup_sectors + 1) * 512 + offset
    return image[start : start + length]


def _has_pvh_note(kernel: bytes) -> bool:
    table_at, entry_size, count = (struct.unpack_from("<Q", kernel, 32)[0], *struct.unpack_from("<HH", kernel, 54))
    for index in range(count):
        kind, _, offset, _, _, size = struct.unpack_from("<IIQQQQ", kernel, table_at + index * entry_size)
        at = offset
        while kind == _NOTE_SEGMENT and at + 12 <= offset + size:
            owner_size, value_size, note = struct.unpack_from("<III", kernel, at)
            if note == _PVH_NOTE and kernel[at + 12 : at + 16] == b"Xen\0":
                return True
            at += 12 + (owner_size + 3) // 4 * 4 + (value_size + 3) // 4 * 4
    return False


def take_vmlinux(image: bytes) -> bytes:
    """The ELF kernel inside a bzImage, or @image itself if it is one; Unusable says why there is none to start."""
    if image.startswith(_ELF):
        kernel = image
    else:
        packed = _payload(image)
        method = next((method for magic, method in _METHODS.items() if packed.startswith(magic)), None)
        if method is None:
            raise Unusable(f"is packed in a way not known here (it begins with {packed[:6].hex()})")
        try:
            kernel = method(packed)
        except (zlib.error, lzma.LZMAError, OSError) as error:
            raise Unusable(f"cannot be unpacked: {error}") from error
    try:
        if not kernel.startswith(_ELF) or not _has_pvh_note(kernel):
            raise Unusable("cannot be started without its own loader: it has no PVH note")
    except struct.error as error:
        raise Unusable("has damaged ELF headers") from error
    return kernel
