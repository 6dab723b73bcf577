"""Stands in for strace on a machine without it: every sync of running processes answers EIO. For Linux on x86-64.

    python -m tests.parts.tracer PID ...

It says of each process that it is attached. When it is ended, the kernel lets go of all that it traced.
"""

import errno
import os
import signal
import sys
from contextlib import suppress

from ptrace import PtraceError
from ptrace.binding.func import (
    PTRACE_O_TRACECLONE,
    PTRACE_O_TRACESYSGOOD,
    THREAD_TRACE_FLAGS,
    ptrace_attach,
    ptrace_cont,
    ptrace_getregs,
    ptrace_setoptions,
    ptrace_setregs,
    ptrace_syscall,
)

SYNCS = (74, 75)
"""The numbers of fsync and fdatasync."""
NOTHING, FAILED = (1 << 64) - 1, (1 << 64) - errno.EIO
"""Registers of a call that is not to be done, and of what it answers: negative numbers as the machine writes them."""
AT_CALL = signal.SIGTRAP | 0x80
"""How a stop at a system call differs from a signal."""


def main(pids: list[int]) -> None:
    """Let every sync of these processes fail until the end of this one, or theirs."""
    known = {thread for pid in pids for thread in _attached(pid)}
    for thread in known:
        ptrace_syscall(thread)
    with suppress(ChildProcessError):
        while True:
            thread, status = os.waitpid(-1, THREAD_TRACE_FLAGS)
            if os.WIFSTOPPED(status):
                _go_on(thread, status, known)


def _attached(pid: int) -> set[int]:
    """All threads of a process, stopped: also those that were begun while others were attached."""
    threads: set[int] = set()
    while fresh := {int(name) for name in os.listdir(f"/proc/{pid}/task")} - threads:
        for thread in fresh:
            _attach(thread)
        threads |= fresh
    print(f"{pid} attached", file=sys.stderr, flush=True)
    return threads


def _attach(thread: int) -> None:
    ptrace_attach(thread)
    while (stop := os.WSTOPSIG(os.waitpid(thread, THREAD_TRACE_FLAGS)[1])) != signal.SIGSTOP:
        ptrace_cont(thread, stop)  # another signal came first
    ptrace_setoptions(thread, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE)


def _go_on(thread: int, status: int, known: set[int]) -> None:
    """Let a stopped thread run to its next stop, with the signal that stopped it if there was one."""
    stop = os.WSTOPSIG(status)
    with suppress(PtraceError):  # killed while it stood
        if stop == AT_CALL:
            _refuse_sync(thread)
        if (
            stop == AT_CALL or status >> 16 or thread not in known
        ):  # a new thread begins with a stop of its own
            stop = 0
        known.add(thread)
        ptrace_syscall(thread, stop)


def _refuse_sync(thread: int) -> None:
    """The kernel skips a call without a number and leaves the answer as it is. A sync under way is done, yet fails."""
    registers = ptrace_getregs(thread)
    if registers.orig_rax in SYNCS:
        registers.orig_rax, registers.rax = NOTHING, FAILED
        ptrace_setregs(thread, registers)


if __name__ == "__main__":
    main([int(pid) for pid in sys.argv[1:]])
