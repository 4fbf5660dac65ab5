"""Finding a Linux kernel for the guests, without root and without an image from anywhere.

In this order: the file that the user names; a kernel of this machine in /boot that may be read and has what guests need; the
distribution's own package, fetched by apt, which checks it against the signed archive, and unpacked into the cache.
The kernel is kept unpacked in the cache, by the hash of the file it came from, see vmlinux.py.
"""

import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from emulated.cache import cache_folder, digest, write_whole
from emulated.errors import BadInput, CannotRun
from emulated.processes import die_with
from emulated.vmlinux import Unusable, take_vmlinux

# The package that depends on the newest kernel for virtual machines, by distribution; tried in this order.
_PACKAGES = ("linux-image-cloud-amd64", "linux-image-virtual", "linux-image-amd64")
_NEEDED = (
    *("CONFIG_NUMA=y", "CONFIG_ACPI_NUMA=y", "CONFIG_SERIAL_8250_CONSOLE=y", "CONFIG_BLK_DEV_INITRD=y"),
    *("CONFIG_DEVTMPFS=y", "CONFIG_CPUSETS=y", "CONFIG_MEMCG=y", "CONFIG_HUGETLBFS=y", "CONFIG_SECCOMP_FILTER=y"),
)


_UNFINISHED = ".download-"
_PATIENCE = ("-o", "Acquire::Retries=3", "-o", "DPkg::Lock::Timeout=300")  # as harness/setup.sh has it


class _NotThere(CannotRun):
    """The archive does not have what apt's lists promise: they are older than it."""


@dataclass(frozen=True)
class Kernel:
    """A kernel that QEMU can start."""

    path: Path  # what QEMU starts
    origin: str  # where it came from, for people


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"cannot read the kernel {path}: {error.strerror}") from error


def _prepared(image_path: Path, origin: str) -> Kernel:
    """The kernel without its loader where that can be had, else as it is."""
    image = _read(image_path)
    if image[0x202:0x206] != b"HdrS" and not image.startswith(b"\x7fELF"):
        raise BadInput(f"{image_path} is no kernel for x86-64: neither a bzImage nor an ELF file")
    folder = cache_folder("kernels")
    unpacked = folder / f"vmlinux-{digest(image)}"
    if not unpacked.is_file():
        try:
            write_whole(unpacked, take_vmlinux(image))
        except Unusable:
            return Kernel(image_path, origin)
    return Kernel(unpacked, origin)


def _kernel_in_boot(boot: Path) -> Path | None:
    """The newest kernel in /boot that an ordinary user may read and that was built with what guests need."""

    def by_version(path: Path) -> list[int]:
        return [int(number) for number in re.findall(r"\d+", path.name)]

    for image in sorted(boot.glob("vmlinuz-*"), key=by_version, reverse=True):
        try:
            options = (boot / image.name.replace("vmlinuz", "config", 1)).read_text().splitlines()
            with image.open("rb"):
                pass
        except OSError:
            continue
        if set(_NEEDED) <= set(options):
            return image
    return None


def _run(command: list[str], folder: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=die_with(os.getpid()),
        )
    except OSError as error:
        return subprocess.CompletedProcess(command, 127, "", f"cannot run {command[0]}: {error.strerror}")


def _newest_package() -> str | None:
    for name in _PACKAGES:
        for line in _run(["apt-cache", "depends", "--important", name], "/").stdout.splitlines():
            depends = re.match(r"\s*Depends: (linux-image-\d\S*)$", line)
            if depends:
                return depends[1]
    return None


def _remove_abandoned(folder: Path) -> None:
    """Downloads that a killed process left half done."""
    for abandoned in folder.glob(f"{_UNFINISHED}*"):
        with suppress(FileNotFoundError):
            if time.time() - abandoned.stat().st_mtime > 3600:
                shutil.rmtree(abandoned, ignore_errors=True)


def _download(package: str, into: Path) -> Path:
    """Fetches a package and keeps its kernel in the cache."""
    _remove_abandoned(into)
    print(f"numaproof: fetching the kernel {package} into {into}", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(dir=into, prefix=_UNFINISHED) as folder:
        fetch = ["apt-get", "-qq", *_PATIENCE, "-o", "APT::Sandbox::User=root", "download", package]
        done = _run(fetch, folder)
        packages = list(Path(folder).glob("*.deb"))
        if done.returncode != 0 or not packages:
            why = (done.stderr.strip() or "no reason given").splitlines()[-1]
            text = f"apt-get cannot download {package}: {why}"
            if re.search(r"\b404\s+Not Found", done.stderr):
                raise _NotThere(f"{text} (apt-get update mends lists that are too old); or give --kernel FILE")
            raise CannotRun(f"{text}; or give --kernel FILE")
        unpacked = _run(["dpkg-deb", "-x", str(packages[0]), "files"], folder)
        images = list(Path(folder, "files", "boot").glob("vmlinuz-*"))
        if unpacked.returncode != 0 or not images:
            raise CannotRun(f"the package {package} holds no kernel: {unpacked.stderr.strip()}; or give --kernel FILE")
        kept = into / packages[0].stem
        write_whole(kept, images[0].read_bytes())
    return kept


def _update_lists() -> None:
    """What cannot be updated is left as it is: what is fetched next tells what is wrong."""
    print("numaproof: apt's lists are older than the archive: apt-get update", file=sys.stderr, flush=True)
    if _run(["apt-get", "-qq", *_PATIENCE, "update"], "/").returncode != 0:
        print("numaproof: apt-get update failed; going on with the lists that are here", file=sys.stderr, flush=True)


def _download_newest(folder: Path) -> Path:
    package = _newest_package()
    if package is None:
        raise CannotRun(
            "no kernel for the guests: none in /boot that may be read and fits, and apt knows no kernel package"
            " (apt-get update fills its lists); or give --kernel FILE"
        )
    return _download(package, folder)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time: apt's own patience with others does not reach to its lists (apt 2.6)."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("numaproof: another process fetches the kernel; waiting for it", file=sys.stderr, flush=True)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _fetched(folder: Path) -> Path | None:
    """The newest kernel that was fetched before."""
    kept = sorted(folder.glob("linux-image-*"), key=lambda path: path.stat().st_mtime)
    return kept[-1] if kept else None


def _fetch(folder: Path) -> Path:
    try:
        return _download_newest(folder)
    except _NotThere:
        if os.geteuid() != 0:
            raise
    _update_lists()
    return _download_newest(folder)


def _kernel_of_distribution() -> Path:
    """One that was fetched before, for asking apt takes two seconds; else one fetched now."""
    folder = cache_folder("kernels")
    kept = _fetched(folder)
    if kept is not None:
        return kept
    with _alone(folder):
        return _fetched(folder) or _fetch(folder)


def find_kernel(named: str | None, boot: Path = Path("/boot")) -> Kernel:
    """The kernel to run guests with."""
    if named is not None:
        return _prepared(Path(named), named)
    image = _kernel_in_boot(boot) or _kernel_of_distribution()
    return _prepared(image, image.name)
