#!/bin/sh
# in-pen.sh DIRECTORY PID COMMAND…: runs the command in the cgroups and namespaces of a pen, whose first process is PID.
set -eu
dir=$1 pid=$2
shift 2
while read -r cgroup _; do
	[ ! -d "$cgroup/init" ] || cgroup=$cgroup/init
	echo $$ >"$cgroup/cgroup.procs"
done <"$dir/cgroups"
exec nsenter --target "$pid" --mount --pid --cgroup --net --ipc --uts -- sh -c 'cd / && exec "$@"' sh "$@"
