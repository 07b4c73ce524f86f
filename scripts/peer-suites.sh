#!/usr/bin/env bash
# Runs runc's own integration tests, unmodified, with a runtime in runc's place, and compares with an earlier run.
#   scripts/peer-suites.sh SOURCE RUNTIME [--baseline TAP] [file.bats …]
# SOURCE is an unpacked source package of runc ("apt-get source runc") whose test binaries are built ("make test-binaries");
# RUNTIME is a program called runc: a link to dist/tsrun, or runc itself. Needs root, bats, jq, gawk, go, busybox-static, debootstrap.
# The result is SOURCE/<name of RUNTIME's directory>.tap.
set -euo pipefail

source=$(readlink -f "$1")
runtime=$2
shift 2
baseline=
if [ "${1:-}" = --baseline ]; then
	baseline=$(readlink -f "$2")
	shift 2
fi
[ "$(basename "$runtime")" = runc ] || { echo "$runtime: must be called runc" >&2; exit 1; }
runtime=$(cd "$(dirname "$runtime")" && pwd)/runc
tests=$source/tests/integration
result=$source/$(basename "$(dirname "$runtime")").tap
arch=$(go env GOARCH)

busybox_image() {
	local tree applet
	tree=$(mktemp -d)
	mkdir -p "$tree"/{bin,dev,etc,home,lib,root,sbin,tmp,usr/bin,usr/sbin,var/www}
	chmod 1777 "$tree/tmp"
	cp "$(command -v busybox)" "$tree/bin/busybox"
	for applet in $(busybox --list); do [ "$applet" = busybox ] || ln "$tree/bin/busybox" "$tree/bin/$applet"; done
	printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n' >"$tree/etc/passwd"
	printf 'root:x:0:\ntty:x:5:\nusers:x:100:\nnobody:x:65534:\n' >"$tree/etc/group"
	tar -C "$tree" --owner=0 --group=0 -cJf "$1" .
	rm -rf "$tree"
}

debian_image() {
	local tree
	tree=$(mktemp -d)
	debootstrap --variant=minbase stable "$tree" >&2
	tar -C "$tree" --exclude=./var/cache/apt/archives/*.deb -cf - . | xz -1 >"$1"
	rm -rf "$tree"
}

# what tests/integration/get-images.sh would download
[ -e "$tests/testdata/busybox-$arch.tar.xz" ] || busybox_image "$tests/testdata/busybox-$arch.tar.xz"
[ -e "$tests/testdata/debian-$arch.tar.xz" ] || debian_image "$tests/testdata/debian-$arch.tar.xz"

temporary=$(mktemp -d)
chmod 755 "$temporary"
trap 'rm -rf "$temporary"' EXIT
export RUNC=$runtime TMPDIR=$temporary BATS_TEST_TIMEOUT=${BATS_TEST_TIMEOUT:-120}
cd "$tests"
[ $# -gt 0 ] || set -- *.bats
: >"$result"
for file; do
	echo "# FILE $file" >>"$result"
	# runc's tests want a controlling terminal; what they mount and start stays in namespaces of their own
	script -qec "unshare -m -p -f --mount-proc bats --tap $file >>$result 2>&1 </dev/null" /dev/null </dev/null >/dev/null || true
done

outcomes() { awk '/^# FILE/ { file = $3 } /^(not )?ok / { word = /# skip/ ? "skipped" : /^ok/ ? "passed" : "failed"; sub(/^(not )?ok [0-9]+ /, ""); sub(/ # .*/, ""); print file ": " $0 "\t" word }' "$1"; }
outcomes "$result" | awk -F'\t' '{ printf "%-8s %s\n", $2, $1 }'
if [ -n "$baseline" ]; then
	echo
	echo "otherwise than in $baseline:"
	join -t $'\t' <(outcomes "$baseline" | LC_ALL=C sort) <(outcomes "$result" | LC_ALL=C sort) |
		awk -F'\t' '$2 != $3 { printf "%s: %s, was %s\n", $1, $3, $2 }'
fi
