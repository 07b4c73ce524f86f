#!/bin/bash
# programs-image.sh: prints the directory of an OCI layout, tag latest, with PostgreSQL, Redis and nginx as Debian (or Ubuntu) has
# them. buildah and debootstrap make it once for each version of this script, which takes a minute.
set -euo pipefail
out=${XDG_CACHE_HOME:-$HOME/.cache}/tsrun-test/programs-$(sha256sum <"$0" | head -c 12)
echo "$out"
[ ! -e "$out" ] || exit 0
work=$(mktemp -d)
tools() { buildah --root "$work/root" --runroot "$work/run" --storage-driver vfs "$@"; }
trap 'tools umount --all >/dev/null 2>&1 || true; rm -rf "$work"' EXIT

# The first source of apt, in either of its formats.
sources=$(cat /etc/apt/sources.list.d/{debian,ubuntu}.sources /etc/apt/sources.list 2>/dev/null || true)
mirror=$(sed -n -E 's/^URIs: *([^ ]+).*/\1/p; s/^deb +(\[[^]]*\] +)?(http[^ ]+) .*/\2/p' <<<"$sources" | sed -n 1p)
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")

container=$(tools from scratch)
tree=$(tools mount "$container")
debootstrap --variant=minbase --include=postgresql,redis-server,nginx-light,curl "$suite" "$tree" "$mirror" >"$work/log" 2>&1 || {
	tail -20 "$work/log" >&2
	exit 1
}
rm -rf "$tree"/var/cache/apt/archives/*.deb "$tree"/usr/share/{doc,man,locale}
tools config --cmd bash --env LANG=C.UTF-8 --os linux "$container"
mkdir -p "$(dirname "$out")"
tools commit -q --disable-compression=false "$container" "oci:$out.new:latest" >/dev/null
rm -rf "$out" && mv "$out.new" "$out"
