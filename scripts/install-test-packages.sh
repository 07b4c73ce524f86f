#!/usr/bin/env bash
# Installs what the tests need beside Node and npm, on Debian and its relatives: only what is missing. Needs root.
set -euo pipefail
packages=(
	# the compiler, the sanitizers, the addon
	gcc clang make python3 libc6-dev libseccomp-dev
	# what the tests compare with, and make images with
	apache2-utils docker-registry openssl
	buildah skopeo umoci runc crun podman uidmap bubblewrap debootstrap seccomp
	# the engines that drive tsrun, and what gives their containers a network
	containerd docker.io containernetworking-plugins iptables
	# what the kernel tests and the fixtures call
	attr acl busybox-static criu curl file iproute2 jq libcap2-bin nftables procps strace tmux util-linux xz-utils zstd
	# the cgroup driver of that name, in namespaces of its own
	dbus systemd
	# test/vm
	cpio kmod qemu-system-x86
)
command -v apt-get >/dev/null || {
	echo "install-test-packages: no apt-get here; install what matches: ${packages[*]}" >&2
	exit 1
}
missing=()
for package in "${packages[@]}"; do
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0
[ "$(id -u)" = 0 ] || {
	echo "install-test-packages: needs root to install ${missing[*]}" >&2
	exit 1
}
export DEBIAN_FRONTEND=noninteractive
# The daemons are there to be started by tests, not now.
if [ ! -e /usr/sbin/policy-rc.d ]; then
	printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
	chmod 755 /usr/sbin/policy-rc.d
	trap 'rm -f /usr/sbin/policy-rc.d' EXIT
fi
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
