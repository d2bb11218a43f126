"""The working folder next to the output: one render's own, and gone when it ends.

Everything is written inside and reaches its final path by rename, so that the final path is absent, as it was,
or whole. The folder is also the lock: two renders to one output cannot run at once. If the render is killed
outright, a shell that waits for its end removes the folder.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from panim_core.errors import EncodeError, SettingsError

# Twice: what still writes there may add a file while the folder is being emptied.
_GUARD = 'read _ || { rm -rf -- "$1" || { sleep 1; rm -rf -- "$1"; }; shift; rmdir -- "$@"; }'


class Workspace:
    """A context: made, locked and guarded on entry, gone on exit, whenever an interrupt comes.

    Args:
        outfile: the final path.
        keep: leave the folder when the render does not succeed, to be resumed; do not empty it now.
        check: looks at what an earlier render left before it is removed; an error that it raises leaves all as it is.

    Raises:
        SettingsError: on entry: the folder of the output cannot be written to, or another render holds it.
    """

    def __init__(
        self, outfile: Path, *, keep: bool = False, check: Callable[[Path], None] = lambda folder: None
    ) -> None:
        self.outfile = outfile
        self.path = folder_of(outfile)
        self.keep = keep
        self._check = check
        self._made: list[Path] = []
        """Folders that were not there before, the innermost first."""
        self._lock: int | None = None
        self._guard: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Workspace:
        try:
            self._open()
        except BaseException as error:
            if not isinstance(error, SettingsError):  # it is another's, or has something in it
                with contextlib.suppress(OSError):
                    self.path.rmdir()
            self._remove_made()
            self._let_go()
            if isinstance(error, OSError):
                raise SettingsError(
                    f"cannot write {str(self.outfile)!r}: {error.strerror}; choose another place with -o"
                ) from error
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            self._remove(success=kind is None)
        except BaseException:  # interrupted on the way
            self._remove(success=kind is None)
            raise
        finally:
            self._let_go()

    def _open(self) -> None:
        self._made = [folder for folder in Path(os.path.abspath(self.outfile)).parents if not folder.exists()]
        self.outfile.parent.mkdir(parents=True, exist_ok=True)
        self._lock = self._locked_folder()
        if self.keep:
            return
        left = list(self.path.iterdir())
        if left:
            self._check(self.path)
        for entry in left:
            _remove(entry)
        # The guard holds the lock too, so that it never removes the folder of the next render.
        self._guard = subprocess.Popen(
            ["/bin/sh", "-c", _GUARD, "panim-guard", os.path.abspath(self.path), *self._made],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(self._lock,),
            start_new_session=True,
        )

    def _locked_folder(self) -> int:
        while True:
            self.path.mkdir(exist_ok=True)
            try:
                fd = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
            except FileNotFoundError:
                continue  # another render has just ended and removed it
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                with contextlib.suppress(FileNotFoundError):
                    if os.path.samestat(os.fstat(fd), os.stat(self.path)):
                        return fd
            except BlockingIOError:
                os.close(fd)
                raise SettingsError(
                    f"another render is writing {str(self.outfile)!r} right now; wait for it, or choose another output"
                ) from None
            os.close(fd)

    def publish(self, part: Path, replace: bool) -> None:
        """Move the finished file to the final path, safely on disk first.

        Args:
            replace: a file that is there now; without it, one that came while this was made stays.

        Raises:
            EncodeError: such a file came, the disk is full, the folder was removed meanwhile, or the like.
        """
        with _told(self.outfile):
            fsync(part)
            if replace:
                _replace(part, self.outfile)
            else:
                _move(part, self.outfile)
            fsync(self.outfile.parent)

    def publish_files(self, folder: Path, replace: bool) -> None:
        """Move numbered files to where the pattern says, none if one that is there would have to go.

        Args:
            replace: as for `publish`.

        Raises:
            EncodeError: as `publish`.
        """
        with _told(self.outfile):
            target = self.outfile.parent
            files = sorted(folder.iterdir())
            for file in files:
                fsync(file)
                if not replace and os.path.lexists(target / file.name):
                    raise FileExistsError
            for file in files:
                if replace:
                    _replace(file, target / file.name)
                else:
                    _move(file, target / file.name)
            fsync(target)

    def _remove(self, success: bool) -> None:
        if success or not self.keep:
            shutil.rmtree(self.path, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                self.path.rmdir()  # nothing was finished, so there is nothing to go on with
        if not success:
            self._remove_made()

    def _remove_made(self) -> None:
        for folder in self._made:
            with contextlib.suppress(OSError):  # something is in there
                folder.rmdir()

    def _let_go(self) -> None:
        """Dismiss the guard, free the lock."""
        try:
            if self._guard is not None and self._guard.stdin is not None:
                with contextlib.suppress(BrokenPipeError):
                    self._guard.stdin.write(b"\n")
                    self._guard.stdin.close()
                self._guard.wait()
        finally:
            if self._lock is not None:
                os.close(self._lock)


@contextlib.contextmanager
def _told(outfile: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError as error:
        raise EncodeError(
            f"output {str(outfile)!r} was made by something else while this was rendered; it stays as it is. "
            "Allow replacing it with --overwrite"
        ) from error
    except OSError as error:
        raise EncodeError(
            f"the video was made but could not be moved to {str(outfile)!r}: {error.strerror}; render it again to "
            "another place (-o); with --resume what is finished is kept whatever happens"
        ) from error


def _replace(part: Path, outfile: Path) -> None:
    """A file that is there already stays as private as it is."""
    with contextlib.suppress(FileNotFoundError):
        shutil.copymode(outfile, part)
    os.replace(part, outfile)


def _move(part: Path, outfile: Path) -> None:
    """Raises `FileExistsError` where the system can tell in the same moment."""
    try:
        os.link(part, outfile)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if os.path.lexists(outfile):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from None
        os.replace(part, outfile)
    else:
        part.unlink()


def folder_of(outfile: Path) -> Path:
    """The working folder that belongs to an output."""
    name = f".{outfile.name}.panim"
    if len(os.fsencode(name)) > 200:
        name = f".{hashlib.sha256(os.fsencode(outfile.name)).hexdigest()[:32]}.panim"
    return outfile.parent / name


def fsync(path: Path) -> None:
    """Make sure that a file or folder is on disk."""
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _remove(entry: Path) -> None:
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry)
    else:
        entry.unlink()
