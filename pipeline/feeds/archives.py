"""ZIP exports, read member by member without unpacking to disk, with a cap on what a member may become.

Belongs here: members and their bytes. Does not: which members an export has (plugins/).
"""

from __future__ import annotations

import io
import lzma
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from pipeline.problems import Fatal

MOST = 16 << 30  # bytes of all members, unpacked
STEP = 1 << 20  # bytes unpacked at a time, however many are asked for
RATIO = 200  # text shrinks to a tenth; what shrinks to less than this is made to burst


@contextmanager
def archive(file: IO[bytes], name: str) -> Iterator[Archive]:
    """The ZIP in a file. Raises Fatal naming it where it is damaged, encrypted, or made to burst."""
    with _told(f"{name} is not a whole ZIP"):
        found = zipfile.ZipFile(file)
    with found:
        yield Archive(found, name)


class Archive:
    """One ZIP. Members are read by name, never written anywhere: a name that leads out of a folder leads nowhere."""

    def __init__(self, found: zipfile.ZipFile, name: str) -> None:
        self._zip, self.name = found, name
        infos = found.infolist()
        if any(info.flag_bits & 1 for info in infos):
            raise Fatal(f"{name} is encrypted: export it without a password")
        if sum(info.file_size for info in infos) > MOST:
            raise Fatal(f"{name} would unpack to more than {MOST >> 30} GB: ask for a shorter time")
        self._times = Counter(info.filename for info in infos if not info.is_dir())
        self.members = sorted(self._times)

    def __contains__(self, member: str) -> bool:
        return member in self._times

    @contextmanager
    def open(self, member: str) -> Iterator[IO[bytes]]:
        """The bytes of one member. Raises Fatal where it is damaged, or unpacks to far more than it should."""
        if self._times[member] != 1:
            raise Fatal(f"{self.name} holds {member} {self._times[member]} times, not once: export it again")
        info, what = self._zip.getinfo(member), f"{self.name}, {member}"
        with _told(f"{what} is not whole"):
            raw = self._zip.open(info)
        with raw, io.BufferedReader(_Capped(raw, what, info.compress_size)) as content:
            yield content


class _Capped(io.RawIOBase):
    """A member that ends in an error once it has given more than its packed size can honestly hold."""

    def __init__(self, raw: IO[bytes], what: str, packed: int) -> None:
        self._raw, self._what, self._most = raw, what, max(1 << 20, packed * RATIO)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        with _told(f"{self._what} is not whole"):
            return self._raw.seek(offset, whence)

    def tell(self) -> int:
        return self._raw.tell()

    def readinto(self, buffer: Any) -> int:
        with _told(f"{self._what} is not whole"):
            found = self._raw.read(min(len(buffer), STEP))
        if self._raw.tell() > self._most:
            raise Fatal(f"{self._what} unpacks to more than {RATIO} times its size: it is not an export, fetch it again")
        buffer[: len(found)] = found
        return len(found)


@contextmanager
def _told(what: str) -> Iterator[None]:
    """The library's errors as ours: on damaged bytes it raises whatever its arithmetic or its unpackers run into."""
    try:
        yield
    except NotImplementedError:
        raise Fatal(f"{what}, or packed in a way that cannot be read: pack it again as a plain ZIP") from None
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError) as error:
        raise Fatal(f"{what} ({type(error).__name__}): fetch it again") from None
