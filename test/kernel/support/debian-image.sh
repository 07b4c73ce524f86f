#!/bin/bash
# debian-image.sh: prints the directory of an OCI layout, tag latest, with a Debian (or Ubuntu) of two layers. buildah and
# debootstrap make it once for each version of this script, which takes half a minute. The second layer adds a user, a file
# capability and links, and deletes a file and a directory of the first.
set -euo pipefail
out=${XDG_CACHE_HOME:-$HOME/.cache}/tsrun-test/debian-$(sha256sum <"$0" | head -c 12)
echo "$out"
[ ! -e "$out" ] || exit 0
work=$(mktemp -d)
tools() { buildah --root "$work/root" --runroot "$work/run" --storage-driver vfs "$@"; }
trap 'tools umount --all >/dev/null 2>&1 || true; rm -rf "$work"' EXIT

# The first source of apt, in either of its formats.
sources=$(cat /etc/apt/sources.list.d/{debian,ubuntu}.sources /etc/apt/sources.list 2>/dev/null || true)
mirror=$(sed -n -E 's/^URIs: *([^ ]+).*/\1/p; s/^deb +(\[[^]]*\] +)?(http[^ ]+) .*/\2/p' <<<"$sources" | sed -n 1p)
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")

base=$(tools from scratch)
tree=$(tools mount "$base")
debootstrap --variant=minbase "$suite" "$tree" "$mirror" >"$work/log" 2>&1 || { tail -20 "$work/log" >&2; exit 1; }
rm -f "$tree"/var/cache/apt/archives/*.deb
tools config --cmd bash --env LANG=C.UTF-8 --os linux "$base"
tools commit -q "$base" base >/dev/null

second=$(tools from base)
tree=$(tools mount "$second")
chroot "$tree" useradd --create-home --uid 1234 worker
chroot "$tree" usermod --append --groups games worker
cp "$tree/bin/sleep" "$tree/usr/local/bin/capable"
setcap cap_net_raw+ep "$tree/usr/local/bin/capable"
ln "$tree/usr/local/bin/capable" "$tree/usr/local/bin/linked"
ln -s /etc/debian_version "$tree/home/worker/version"
rm -rf "$tree/usr/share/doc" "$tree/etc/motd"
mkdir "$tree/usr/share/doc" && echo kept >"$tree/usr/share/doc/kept"
tools config --workingdir /home/worker --label purpose=test "$second"
mkdir -p "$(dirname "$out")"
tools commit -q --disable-compression=false "$second" "oci:$out.new:latest" >/dev/null
rm -rf "$out" && mv "$out.new" "$out"
