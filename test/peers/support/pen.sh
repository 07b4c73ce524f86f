#!/bin/sh
# pen.sh DIRECTORY: a machine of its own for a container engine, made of namespaces. DIRECTORY/cgroups has a line for each
# hierarchy: the cgroup on the host, where it is mounted, its type, its options. Above /etc and /var/lib lie writable layers that
# nobody else sees; /run is empty. Prints `ready` and waits. It ends with whoever called it, and everything inside with it.
set -eu
dir=$1

case ${2-} in
'')
	while read -r cgroup _; do echo $$ >"$cgroup/cgroup.procs"; done <"$dir/cgroups"
	exec unshare --cgroup sh "$0" "$dir" rooted
	;;
rooted)
	# In cgroup2 a cgroup with processes can have no children with controllers, so this one becomes such a child.
	while read -r cgroup _; do
		[ -n "$(cat "$cgroup/cgroup.controllers" 2>/dev/null)" ] || continue
		mkdir "$cgroup/init"
		echo $$ >"$cgroup/init/cgroup.procs"
		for controller in $(cat "$cgroup/cgroup.controllers"); do echo "+$controller" >"$cgroup/cgroup.subtree_control"; done
	done <"$dir/cgroups"
	exec unshare --mount --propagation private --pid --fork --kill-child --mount-proc --net --ipc --uts sh "$0" "$dir" inside
	;;
esac

# Not over the old ones, which /proc/self/mountinfo would go on showing to whoever looks for a mount there.
umount --lazy --recursive /sys
mount -t sysfs sysfs /sys
[ "$(cut -d ' ' -f 2 "$dir/cgroups")" = /sys/fs/cgroup ] || mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup
while read -r _ at type options; do
	[ -d "$at" ] || mkdir "$at"
	mount -t "$type" -o "$options" cgroup "$at"
done <"$dir/cgroups"

mount -t tmpfs -o mode=755 tmpfs /run
for over in etc var/lib; do
	mkdir -p "/run/pen/$over/upper" "/run/pen/$over/work"
	mount -t overlay -o "lowerdir=/$over,upperdir=/run/pen/$over/upper,workdir=/run/pen/$over/work" overlay "/$over"
done
# What engines mount overlays on must not be an overlay itself.
for store in containers docker containerd; do
	mkdir -p "/run/pen/store/$store" "/var/lib/$store"
	mount --bind "/run/pen/store/$store" "/var/lib/$store"
done
hostname pen
ip link set lo up
echo ready
# A shell that waits for one child reaps the orphans of the others too.
while :; do sleep 1000; done
