#!/usr/bin/env bash
# Runs the tests of crun, unmodified, with a runtime, and compares with an earlier run.
#   scripts/crun-suite/run.sh SOURCE RUNTIME [--baseline RESULT] [name …]
# SOURCE is an unpacked source package ("apt-get source crun"), RUNTIME crun, or a program with the command line of runc: a link called
# `runc` to dist/tsrun. A name is that of a file: `mounts` for tests/test_mounts.py. Needs root, a C compiler and
# the Debian packages python3 and libseccomp-dev; the one module that Debian does not have is modules/libmount.py beside this. The tests
# make cgroups with the names of their containers, so they belong into the VM (docs/testing.md). The result is SOURCE/<name of RUNTIME's
# directory>.<its name>.tap. CRUN_SUITE_TIMEOUT bounds each file, in seconds.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
source=$(readlink -f "$1")
runtime=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
shift 2
baseline=
if [ "${1:-}" = --baseline ]; then
	baseline=$(readlink -f "$2")
	shift 2
fi
result=$source/$(basename "$(dirname "$runtime")").$(basename "$runtime").tap

temporary=$(mktemp -d)
chmod 755 "$temporary"
trap 'rm -rf "$temporary"' EXIT
# What configure would find out: seccomp.h is there (libseccomp-dev).
echo '#define HAVE_SECCOMP 1' >"$temporary/config.h"
mkdir "$temporary/tests"
gcc -static -I "$temporary" -o "$temporary/tests/init" "$source/tests/init.c"
program=$runtime
if [ "$(basename "$runtime")" != crun ]; then
	program=$here/as-crun
	export AS_CRUN_RUNTIME=$runtime
fi

cd "$temporary"
[ $# -gt 0 ] || set -- $(find "$source/tests" -name 'test_*.py' -printf '%f\n' | sed 's/^test_//; s/\.py$//' | LC_ALL=C sort)
: >"$result"
for name; do
	echo "# PROGRAM $name" >>"$result"
	# What it mounts and starts stays in namespaces of its own; the tests of terminals get one.
	words=(/usr/bin/python3 -B "$source/tests/test_$name.py")
	[ "$name" != tty ] || words=(script --quiet --return --command "${words[*]}" /dev/null)
	code=0
	PYTHONPATH=$here/modules OCI_RUNTIME=$program INIT=$temporary/tests/init timeout --kill-after=5 "${CRUN_SUITE_TIMEOUT:-300}" \
		unshare --mount --pid --fork --kill-child --mount-proc \
		"${words[@]}" >"$temporary/stdout" 2>"$temporary/stderr" </dev/null || code=$?
	sed "s/\r$//; s/^\(not \)\?ok [0-9]* - /\1ok - $name: /" "$temporary/stdout" >>"$result"
	sed 's/^/# /' "$temporary/stderr" >>"$result"
	echo "# ENDED $code" >>"$result"
done

# One line a test.
outcomes() {
	awk '
		/^# PROGRAM / { name = $3 }
		/^ok - .*#SKIP/ { sub(/^ok - /, ""); sub(/ #SKIP.*/, ""); print $0 "\tleft out"; next }
		/^ok - / { sub(/^ok - /, ""); print $0 "\tpassed" }
		/^not ok - / { sub(/^not ok - /, ""); print $0 "\tfailed" }
		/^# ENDED / && $3 != 0 { print name ": its end\t" $3 }
	' "$1"
}
outcomes "$result" | tr '\t' ' '
outcomes "$result" | cut -f 2 | sort | uniq -c | awk '{ printf "%s%s %s", (NR > 1 ? ", " : ""), $1, substr($0, index($0, $2)) } END { print "" }'
if [ -n "$baseline" ]; then
	echo
	echo "otherwise than in $baseline:"
	join -t $'\t' <(outcomes "$baseline" | LC_ALL=C sort) <(outcomes "$result" | LC_ALL=C sort) |
		awk -F'\t' '$2 != $3 { printf "%s: %s, was %s\n", $1, $3, $2 }'
fi
