"""A file system that loses at a power cut what was not synced.

    powerfs.py STATE MOUNTPOINT [--survive none|blocks|all] [--seed N] [--ignore-sync]

Everything lives in memory. At the start it holds what is in the folder STATE; when it is unmounted, STATE gets what a disk
would hold after a power cut at that moment. Of each file that is its content as of its last fsync, and of what was written
since: nothing (`none`), each block of 4 KiB or not, by chance (`blocks`), or everything (`all`). Names, folders and
removals are durable at once, and nothing is written back by itself: a real disk may keep more of the data and less of the
names. `--ignore-sync` is a disk that lies.
"""

import argparse
import errno
import json
import os
import random
import shutil
import stat
import time

import mfusepy as fuse

BLOCK = 4096


def blocks(start, end):
    return range(start // BLOCK, -(-end // BLOCK))


def put_block(target, block, source):
    """Copies a block, and makes the target longer where it has to be."""
    start = block * BLOCK
    data = source[start : start + BLOCK]
    if len(target) < start + len(data):
        target.extend(bytes(start + len(data) - len(target)))
    target[start : start + len(data)] = data


class File:
    """What programs see of a file, what the disk has of it, and the blocks in which they differ."""

    def __init__(self, content=b""):
        self.live = bytearray(content)
        self.durable = bytearray(content)
        self.dirty = set()
        self.changed = time.time_ns()

    def write(self, offset, data):
        if len(self.live) < offset:
            self.truncate(offset)
        self.live[offset : offset + len(data)] = data
        self.dirty.update(blocks(offset, offset + len(data)))
        self.changed = time.time_ns()

    def truncate(self, length):
        old = len(self.live)
        del self.live[length:]
        self.live.extend(bytes(max(0, length - old)))
        self.dirty.update(blocks(min(old, length), max(old, length)))
        self.changed = time.time_ns()

    def sync(self):
        del self.durable[len(self.live) :]
        for block in sorted(self.dirty):
            put_block(self.durable, block, self.live)
        self.dirty.clear()

    def after_cut(self, survive, chance):
        if survive == "all":
            self.sync()
        elif survive == "blocks":
            for block in sorted(self.dirty):
                # A file's end that was cut off without a sync is still there.
                if chance.random() < 0.5 and block * BLOCK < len(self.live):
                    put_block(self.durable, block, self.live)
        return bytes(self.durable)


class PowerFs(fuse.Operations):
    use_ns = True

    def __init__(self, options):
        self.options = options
        self.nodes = {"/": None}
        self.handles = {}
        self.next_handle = 1
        self.counts = {"writes": 0, "syncs": 0}
        for folder, folders, files in os.walk(options.state):
            at = "/" + folder[len(options.state) :].strip("/")
            for name in folders:
                self.nodes[os.path.join(at, name)] = None
            for name in files:
                with open(os.path.join(folder, name), "rb") as file:
                    self.nodes[os.path.join(at, name)] = File(file.read())

    def node(self, path):
        if path not in self.nodes:
            raise fuse.FuseOSError(errno.ENOENT)
        return self.nodes[path]

    def file(self, path, handle):
        """An open file is the same whatever has become of its name."""
        return self.handles[handle] if handle in self.handles else self.node(path)

    def children(self, path):
        prefix = path.rstrip("/") + "/"
        return [each for each in self.nodes if each != "/" and each.startswith(prefix) and "/" not in each[len(prefix) :]]

    def opened(self, file):
        self.next_handle += 1
        self.handles[self.next_handle] = file
        return self.next_handle

    def getattr(self, path, fh=None):
        file = self.file(path, fh)
        if file is None:
            return {"st_mode": stat.S_IFDIR | 0o700, "st_nlink": 2, "st_uid": os.getuid(), "st_gid": os.getgid()}
        return {
            "st_mode": stat.S_IFREG | 0o600,
            "st_nlink": 1,
            "st_size": len(file.live),
            "st_blocks": -(-len(file.live) // 512),
            "st_mtime": file.changed,
            "st_ctime": file.changed,
            "st_atime": file.changed,
            "st_uid": os.getuid(),
            "st_gid": os.getgid(),
        }

    def readdir(self, path, fh):
        return [".", "..", *(os.path.basename(each) for each in self.children(path))]

    def statfs(self, path):
        free = 4 << 18
        return {"f_bsize": BLOCK, "f_frsize": BLOCK, "f_blocks": free, "f_bfree": free, "f_bavail": free, "f_namemax": 255}

    def mkdir(self, path, mode):
        self.nodes[path] = None
        return 0

    def rmdir(self, path):
        self.node(path)
        if self.children(path):
            raise fuse.FuseOSError(errno.ENOTEMPTY)
        del self.nodes[path]
        return 0

    def create(self, path, mode, fi=None):
        self.nodes[path] = File()
        return self.opened(self.nodes[path])

    def open(self, path, flags):
        file = self.node(path)
        if flags & os.O_TRUNC:
            file.truncate(0)
        return self.opened(file)

    def release(self, path, fh):
        self.handles.pop(fh, None)
        return 0

    def unlink(self, path):
        self.node(path)
        del self.nodes[path]
        return 0

    def rename(self, old, new, flags=0):
        self.node(old)
        moved = {path: node for path, node in self.nodes.items() if path == old or path.startswith(old + "/")}
        for path in moved:
            del self.nodes[path]
        for path, node in moved.items():
            self.nodes[new + path[len(old) :]] = node
        return 0

    def read(self, path, size, offset, fh):
        return bytes(self.file(path, fh).live[offset : offset + size])

    def write(self, path, data, offset, fh):
        self.counts["writes"] += 1
        self.file(path, fh).write(offset, data)
        return len(data)

    def truncate(self, path, length, fh=None):
        self.file(path, fh).truncate(length)
        return 0

    def fsync(self, path, datasync, fh):
        self.counts["syncs"] += 1
        if not self.options.ignore_sync:
            self.file(path, fh).sync()
        return 0

    def fsyncdir(self, path, datasync, fh):
        return 0

    def access(self, path, amode):
        self.node(path)
        return 0

    def chmod(self, path, mode):
        return 0

    def chown(self, path, uid, gid):
        return 0

    def utimens(self, path, times=None):
        return 0

    def destroy(self, path):
        """The power cut."""
        chance = random.Random(self.options.seed)
        shutil.rmtree(self.options.state)
        os.mkdir(self.options.state)
        for path, file in sorted(self.nodes.items(), key=lambda entry: entry[0]):
            target = self.options.state + path
            if file is None:
                os.makedirs(target, exist_ok=True)
            else:
                with open(target, "wb") as out:
                    out.write(file.after_cut(self.options.survive, chance))
        print(json.dumps(self.counts), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("state")
    parser.add_argument("mountpoint")
    parser.add_argument("--survive", choices=["none", "blocks", "all"], default="none")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--ignore-sync", action="store_true")
    options = parser.parse_args()
    fuse.FUSE(PowerFs(options), options.mountpoint, foreground=True, nothreads=True, fsname="powerfs")
