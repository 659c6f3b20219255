"""The in-tray of a national system, watched: who put which file, in which order, how often.

A thread takes every file that appears in in/ (inotify tells of each rename, in order),
notes its name and moves it to done/, as a national system would. Stands in for one.
"""

import ctypes
import os
import struct
import threading

IN_MOVED_TO = 0x80
EVENT = struct.Struct("iIII")


class Tray:
    def __init__(self, folder):
        self.folder = folder
        self.seen = []            # names in the order in which they appeared
        self.stopping = threading.Event()
        libc = ctypes.CDLL(None, use_errno=True)
        self.watch = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self.watch < 0 or libc.inotify_add_watch(
                self.watch, str(folder / "in").encode(), IN_MOVED_TO) < 0:
            raise OSError(ctypes.get_errno(), "inotify")
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.stopping.wait(0.01):
            self.take()

    def take(self):
        try:
            data = os.read(self.watch, 1 << 20)
        except BlockingIOError:
            return
        at = 0
        while at < len(data):
            _, mask, _, length = EVENT.unpack_from(data, at)
            name = data[at + EVENT.size:at + EVENT.size + length].rstrip(b"\0").decode()
            at += EVENT.size + length
            if mask & IN_MOVED_TO:
                self.seen.append(name)
                os.rename(self.folder / "in" / name, self.folder / "done" / name)

    def stop(self):
        self.stopping.set()
        self.thread.join()
        self.take()
        os.close(self.watch)
