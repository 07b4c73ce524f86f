#!/bin/sh
# systemd-in-pen.sh DIRECTORY [unified]: systemd as the first process of a pid namespace inside a pen, with cgroups of its own,
# which it takes for the machine's. DIRECTORY/cgroups lists the hierarchies of the pen; `unified`: of them cgroup2 alone is there. It
# starts the bus and nothing else.
set -eu
dir=$1 mode=${2:-all}

case ${3-} in
'')
	# The process that waits stays outside: systemd could not move it out of its first cgroup, and none with processes has
	# children with controllers in cgroup2.
	exec unshare --mount --propagation private --pid --fork --kill-child --mount-proc sh "$0" "$dir" "$mode" first
	;;
first)
	while read -r _ at _; do
		# The first process of cgroup2 with controllers is a level further down: see pen.sh.
		mkdir "$at/host"
		[ ! -e "$at/host/cpuset.cpus" ] || [ -e "$at/host/cgroup.controllers" ] || for file in cpuset.cpus cpuset.mems; do
			cat "$at/$file" >"$at/host/$file"
		done
		echo 0 >"$at/host/cgroup.procs"
	done <"$dir/cgroups"
	exec unshare --cgroup sh "$0" "$dir" "$mode" inside
	;;
esac

while read -r _ at type options; do
	umount "$at"
	[ "$mode" = unified ] || mount -t "$type" -o "$options" cgroup "$at"
done <"$dir/cgroups"
if [ "$mode" = unified ]; then
	! mountpoint -q /sys/fs/cgroup || umount /sys/fs/cgroup
	mount -t cgroup2 -o rw cgroup /sys/fs/cgroup
fi
units=/etc/systemd/system
cat >$units/pen.target <<END
[Unit]
DefaultDependencies=no
Wants=dbus.socket dbus.service
END
cat >$units/dbus.socket <<END
[Unit]
DefaultDependencies=no
[Socket]
ListenStream=/run/dbus/system_bus_socket
END
cat >$units/dbus.service <<END
[Unit]
DefaultDependencies=no
Requires=dbus.socket
After=dbus.socket
[Service]
Type=notify
ExecStart=/usr/bin/dbus-daemon --system --address=systemd: --nofork --nopidfile --systemd-activation
END
exec env -i container=pen PATH="$PATH" /lib/systemd/systemd --system --unit=pen.target --log-target=console --show-status=no
