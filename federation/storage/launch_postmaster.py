"""Becomes the PostgreSQL server, as the right user, tied to its supervisor.

Run as a program by path, never imported by the package: it is executed fresh
(``python -I -S launch_postmaster.py …``), so no thread or lock of the supervisor is
copied into it, gives up its privileges, asks the kernel to be told when the supervisor
dies, and replaces itself with the server. It must therefore need nothing but the
standard library.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
"""``prctl(2)`` option: the signal this process gets when its parent dies."""


def main(arguments: list[str]) -> None:
    """Replaces this process with a server.

    Args:
        arguments: The supervisor's pid; the user id and group id to run as, or ``-1``
            each to stay; then the command line.
    """
    supervisor_pid, uid, gid = (int(argument) for argument in arguments[:3])
    command = arguments[3:]
    # Loaded before the privileges go: the interpreter may lie below a folder that the
    # server's user can't read.
    library = ctypes.CDLL(None) if sys.platform == "linux" else None
    os.umask(0o077)
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    # A change of user clears the setting, so it comes after that. SIGINT is the
    # server's "fast shutdown": sessions end, a checkpoint is written, it exits.
    if library is not None:
        library.prctl(PR_SET_PDEATHSIG, signal.SIGINT)
    if os.getppid() != supervisor_pid:
        sys.exit("the supervisor ended before the server began")
    os.execve(command[0], command, dict(os.environ))  # noqa: S606 - a list, no shell


if __name__ == "__main__":
    main(sys.argv[1:])
