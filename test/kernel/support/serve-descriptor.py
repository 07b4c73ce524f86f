"""serve-descriptor.py SOCKET: waits for one descriptor on a unix socket, and says what it is as one line of JSON. A terminal's
output follows, until the last of its other side is gone; a pidfd's process is told."""
import array, json, os, socket, sys

path = sys.argv[1]
with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
    server.bind(path)
    server.listen(1)
    print("ready", flush=True)
    peer, _ = server.accept()
    fds = array.array("i")
    name, ancillary, _, _ = peer.recvmsg(4096, socket.CMSG_SPACE(4))
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(data)
fd = fds[0]
info = dict(line.split(":", 1) for line in open(f"/proc/self/fdinfo/{fd}").read().splitlines() if ":" in line)
print(json.dumps({"name": name.decode(), "terminal": os.isatty(fd), "pid": int(info.get("Pid", 0))}), flush=True)
if os.isatty(fd):
    try:
        while True:
            data = os.read(fd, 4096)
            if not data:
                break
            sys.stdout.buffer.write(data)
            sys.stdout.flush()
    except OSError:
        pass
