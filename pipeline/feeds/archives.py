"""ZIP exports, read member by member without unpacking to disk, with a cap on what a member may become.

Belongs here: members and their bytes. Does not: which members an export has (plugins/).
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from pipeline.problems import Fatal

MOST = 16 << 30  # bytes of all members, unpacked
RATIO = 200  # text shrinks to a tenth; what shrinks to less than this is made to burst


@contextmanager
def archive(file: IO[bytes], name: str) -> Iterator[Archive]:
    """The ZIP in a file. Raises Fatal naming it where it is damaged, encrypted, or made to burst."""
    try:
        with zipfile.ZipFile(file) as found:
            yield Archive(found, name)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise Fatal(f"{name} is not a whole ZIP ({type(error).__name__}): fetch it again") from None


class Archive:
    """One ZIP. Members are read by name, never written anywhere: a name that leads out of a folder leads nowhere."""

    def __init__(self, found: zipfile.ZipFile, name: str) -> None:
        self._zip, self.name = found, name
        infos = found.infolist()
        if any(info.flag_bits & 1 for info in infos):
            raise Fatal(f"{name} is encrypted: export it without a password")
        if sum(info.file_size for info in infos) > MOST:
            raise Fatal(f"{name} would unpack to more than {MOST >> 30} GB: ask for a shorter time")
        self.members = sorted(info.filename for info in infos if not info.is_dir())

    def __contains__(self, member: str) -> bool:
        return member in self.members

    @contextmanager
    def open(self, member: str) -> Iterator[IO[bytes]]:
        """The bytes of one member. Raises Fatal where it is damaged, or unpacks to far more than it should."""
        info = self._zip.getinfo(member)
        with self._zip.open(info) as raw, io.BufferedReader(_Capped(raw, self.name, member, info.compress_size)) as content:
            yield content


class _Capped(io.RawIOBase):
    """A member that ends in an error once it has given more than its packed size can honestly hold."""

    def __init__(self, raw: IO[bytes], name: str, member: str, packed: int) -> None:
        self._raw, self._what, self._left = raw, f"{name}, {member}", max(1 << 20, packed * RATIO)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._raw.seek(offset, whence)

    def tell(self) -> int:
        return self._raw.tell()

    def readinto(self, buffer: Any) -> int:
        found = self._raw.read(len(buffer))
        self._left -= len(found)
        if self._left < 0:
            raise Fatal(f"{self._what} unpacks to more than {RATIO} times its size: it is not an export, fetch it again")
        buffer[: len(found)] = found
        return len(found)
