"""What the tests of crun use of the Python module of libmount, which Debian does not have: a mount of a table, by its target."""


class Mount:
    def __init__(self, line):
        mount, _, file_system = line.partition(" - ")
        fields = mount.split()
        self.target = fields[4]
        self.vfs_options = fields[5]
        self.fs_options = file_system.split()[2]


class Table:
    """A file like /proc/self/mountinfo, proc(5)."""

    def __init__(self, path):
        with open(path) as file:
            self.mounts = [Mount(line) for line in file if " - " in line]

    def find_target(self, target):
        found = [mount for mount in self.mounts if mount.target == target]
        if not found:
            raise Exception("no mount at %s" % target)
        return found[-1]
