"""Files of a watched folder: seen, read and put away without ever leaving it.

No symbolic link is followed, neither to read nor to put away: whoever may drop files
into a folder may not choose what is read or where it goes. Names are only ever used
inside an opened folder.
"""

import contextlib
import errno
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

FILES_SEEN_MAX = 10_000
"""More files in a folder are taken in the next rounds."""

NAME_BYTES_MAX = 180
"""A longer name is cut where a file is put away: endings must still fit."""

COPIES_MAX = 10_000
"""So many files of one name and content a day; then somebody should look."""

_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
_PARTIAL = (".part", ".partial", ".tmp", ".crdownload", ".filepart", ".swp")
_PUT_MODE = 0o640
_PIECE_BYTES = 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A file that lies in the folder; two are equal while nobody touches it."""

    name: str
    size: int
    modified_ns: int
    inode: int

    @property
    def shown(self) -> str:
        """Return the name as it can be printed anywhere."""
        return printable(self.name)


class ChangedMeanwhileError(Exception):
    """The file is no longer the one that was found; look again."""


def printable(name: str) -> str:
    """Return a file name without what ends a line or is no text."""
    text = name.encode("utf-8", "replace").decode("utf-8")
    return "".join(
        char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text
    )


def find(folder: Path, pattern: str) -> list[Found]:
    """Return the regular files of a folder that fit a pattern, the oldest first.

    Hidden files, locks of office programs and unfinished copies are left out.

    Raises:
        OSError: The folder can't be read.
    """
    found = []
    with _opened(folder) as descriptor, os.scandir(descriptor) as entries:
        for entry in entries:
            if not _is_wanted(entry.name, pattern):
                continue
            with contextlib.suppress(FileNotFoundError):  # taken away just now
                said = os.stat(entry.name, dir_fd=descriptor, follow_symlinks=False)
                if stat.S_ISREG(said.st_mode):
                    found.append(_found(entry.name, said))
            if len(found) >= FILES_SEEN_MAX:
                break
    return sorted(found, key=lambda each: (each.modified_ns, each.name))


def read(folder: Path, found: Found, *, bytes_max: int) -> bytes:
    """Return the bytes of a file, one more than allowed where it is longer.

    Raises:
        ChangedMeanwhileError: It is another file now.
        OSError: It can't be read.
    """
    with _opened(folder) as descriptor:
        file = os.open(found.name, _FILE_FLAGS, dir_fd=descriptor)
        with os.fdopen(file, "rb") as stream:
            if _found(found.name, os.fstat(file)) != found:
                raise ChangedMeanwhileError(found.name)
            content = stream.read(bytes_max + 1)
            if _found(found.name, os.fstat(file)) != found:
                raise ChangedMeanwhileError(found.name)
    return content


class Place:
    """A folder of one day, where files are put away and reports written."""

    def __init__(self, root: Path, day: str) -> None:
        """Name the folder; it is made when something is put there."""
        self._root = root
        self._day = day

    @property
    def path(self) -> Path:
        """Return the folder."""
        return self._root / self._day

    def free_name(self, name: str, digest: str) -> str:
        """Return a name that no file here has; the same while nothing is put here.

        Raises:
            OSError: The folder can't be used.
        """
        stem, ending = _parted(printable(name))
        with self._entered() as descriptor:
            for number in range(1, COPIES_MAX):
                copy = "" if number == 1 else f".{number}"
                candidate = f"{stem}.{digest}{copy}{ending}"
                if not _exists(candidate, descriptor):
                    return candidate
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), name)

    def write(self, name: str, content: bytes) -> None:
        """Write a report, whole or not at all; one of the same name is replaced.

        Raises:
            OSError: It can't be written.
        """
        with self._entered() as descriptor:
            _write_whole(descriptor, name, lambda file: _write_all(file, content))

    def take(self, folder: Path, found: Found, name: str) -> None:
        """Put a file away under a name that nothing has yet.

        On one file system that is a single renaming. Across two the copy is whole and
        on the disk before the original goes: cut off between, both are there.

        Raises:
            ChangedMeanwhileError: It is another file now; nothing was done.
            OSError: It can't be moved; the original is where it was.
        """
        with _opened(folder) as source, self._entered() as target:
            said = os.stat(found.name, dir_fd=source, follow_symlinks=False)
            if not stat.S_ISREG(said.st_mode) or _found(found.name, said) != found:
                raise ChangedMeanwhileError(found.name)
            # Reserved first: a renaming would replace what somebody put there.
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
            os.close(os.open(name, flags, _PUT_MODE, dir_fd=target))
            try:
                _move(found, source, name, target)
            except BaseException:
                os.unlink(name, dir_fd=target)
                raise

    @contextlib.contextmanager
    def _entered(self) -> Iterator[int]:
        self._root.mkdir(parents=True, exist_ok=True)
        with _opened(self._root) as root:
            with contextlib.suppress(FileExistsError):
                os.mkdir(self._day, dir_fd=root)
            day = os.open(self._day, _FOLDER_FLAGS, dir_fd=root)
            try:
                yield day
            finally:
                os.close(day)


def _move(found: Found, source: int, name: str, target: int) -> None:
    try:
        os.rename(found.name, name, src_dir_fd=source, dst_dir_fd=target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
    else:
        return
    original = os.open(found.name, _FILE_FLAGS, dir_fd=source)
    with os.fdopen(original, "rb") as stream:

        def copy(file: int) -> None:
            with os.fdopen(os.dup(file), "wb") as out:
                shutil.copyfileobj(stream, out, _PIECE_BYTES)

        _write_whole(target, name, copy)
        if _found(found.name, os.fstat(original)) != found:
            raise ChangedMeanwhileError(found.name)
    os.unlink(found.name, dir_fd=source)


def _write_whole(folder: int, name: str, fill: Callable[[int], None]) -> None:
    """Fill a file under another name, and give it its own when it is on the disk."""
    temporary = f".{name}.part"
    with contextlib.suppress(FileNotFoundError):  # left by a write that was cut off
        os.unlink(temporary, dir_fd=folder)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    file = os.open(temporary, flags, _PUT_MODE, dir_fd=folder)
    try:
        fill(file)
        os.fsync(file)
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary, dir_fd=folder)
        raise
    finally:
        os.close(file)
    os.fsync(folder)


def _write_all(file: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(file, rest) :]


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator[int]:
    descriptor = os.open(folder, _FOLDER_FLAGS)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _is_wanted(name: str, pattern: str) -> bool:
    return (
        not name.startswith((".", "~"))
        and not name.lower().endswith(_PARTIAL)
        and fnmatchcase(name.lower(), pattern.lower())
    )


def _found(name: str, said: os.stat_result) -> Found:
    return Found(
        name=name, size=said.st_size, modified_ns=said.st_mtime_ns, inode=said.st_ino
    )


def _exists(name: str, folder: int) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _parted(name: str) -> tuple[str, str]:
    """Return a name without its ending, cut to a length that leaves room, and that."""
    path = Path(name)
    ending = path.suffix if len(path.suffix) < len(name) else ""
    stem = name.removesuffix(ending) if ending else name
    room = NAME_BYTES_MAX - len(ending.encode())
    return stem.encode()[: max(room, 1)].decode("utf-8", "ignore"), ending[:32]
