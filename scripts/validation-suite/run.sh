#!/usr/bin/env bash
# Runs the validation programs of opencontainers/runtime-tools, unmodified, with a runtime, and compares with an earlier run.
#   scripts/validation-suite/run.sh SOURCE RUNTIME [--baseline RESULT] [name …]
# SOURCE is an unpacked source package ("apt-get source golang-github-opencontainers-runtime-tools"), RUNTIME the program of a runtime.
# Needs root, make, and the Debian packages golang-go, golang-github-opencontainers-runtime-tools-dev, golang-github-google-uuid-dev
# and golang-github-hashicorp-go-multierror-dev. The one package of Go's that Debian does not have, a writer of TAP, is tap.go beside
# this. The result is SOURCE/<name of RUNTIME's directory>.<its name>.tap. VALIDATION_TIMEOUT bounds each program, in seconds.
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

if [ ! -x "$source/runtimetest" ]; then
	path=$source/build/src/github.com
	mkdir -p "$path/opencontainers" "$path/mndrix/tap-go"
	ln -sfn "$source" "$path/opencontainers/runtime-tools"
	cp "$here/tap.go" "$path/mndrix/tap-go/"
	(
		cd "$path/opencontainers/runtime-tools"
		GO111MODULE=off GOPATH=$source/build:/usr/share/gocode make --silent runtimetest validation-executables
	) >&2
fi

temporary=$(mktemp -d)
chmod 755 "$temporary"
trap 'rm -rf "$temporary"' EXIT
cd "$source"
[ $# -gt 0 ] || set -- $(find validation -name '*.t' -printf '%f\n' | sed 's/\.t$//' | LC_ALL=C sort)
: >"$result"
for name; do
	program=$(find validation -name "$name.t")
	echo "# PROGRAM $name" >>"$result"
	# What it mounts and starts stays in namespaces of its own.
	code=0
	RUNTIME=$runtime TMPDIR=$temporary timeout --kill-after=5 "${VALIDATION_TIMEOUT:-60}" \
		unshare --mount --pid --fork --kill-child --mount-proc "$program" >>"$result" 2>"$temporary/stderr" </dev/null || code=$?
	sed 's/^/# /' "$temporary/stderr" >>"$result"
	echo "# ENDED $code" >>"$result"
done

# One line a program: its end, how many tests have passed and failed, and which have failed.
outcomes() {
	awk '
		/^# PROGRAM / { name = $3; passed = failed = 0; which = "" }
		/^ok / && !/# SKIP/ { passed++ }
		/^not ok / && !/# TODO/ { failed++; which = which "; " substr($0, index($0, "-") + 2) }
		/^ *"error": ".*\\nRefer to:/ && passed + failed == 0 { failed++; which = which "; " $0 }
		/^# ENDED / { print name "\tend " $3 ", " passed " passed, " failed " failed" which }
	' "$1"
}
outcomes "$result" | tr '\t' ' '
if [ -n "$baseline" ]; then
	echo
	echo "otherwise than in $baseline:"
	join -t $'\t' <(outcomes "$baseline" | LC_ALL=C sort) <(outcomes "$result" | LC_ALL=C sort) |
		awk -F'\t' '$2 != $3 { printf "%s: %s\n  was %s\n", $1, $3, $2 }'
fi
