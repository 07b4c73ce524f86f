/** Functions of bash that a script may use, in the order in which they are written. Each stands in it only where something calls it. */
export const SHELL_FUNCTIONS: Readonly<Record<string, string>> = {
	fail: `fail() {
	echo "tsrun: $*" >&2
	exit 125
}`,
	below: `# Where the path $2 below the directory $1 is on the host: $there. Symbolic links are followed as if $1 were the root, so that
# those of an image lead nowhere else.
below() {
	local rest=$2 place='' part link
	local -i links=0
	while [[ -n $rest ]]; do
		part=\${rest%%/*}
		if [[ $rest == */* ]]; then rest=\${rest#*/}; else rest=''; fi
		case $part in
		'' | .) ;;
		..) place=\${place%/*} ;;
		*)
			if [[ -L $1$place/$part ]]; then
				((++links <= 40)) || fail "too many symbolic links: $2"
				link=$(readlink -n -- "$1$place/$part" && echo .)
				link=\${link%.}
				rest=$link/$rest
				if [[ $link == /* ]]; then place=''; fi
			else
				place+=/$part
			fi
			;;
		esac
	done
	there=$1$place
}`,
	inside: `# The same for a path of the container.
inside() {
	below "$root" "$1"
}`,
	beside: `# The same for a path whose last part is not followed.
beside() {
	inside "\${1%/*}"
	there+=/\${1##*/}
}`,
	without_links: `# The same for a path that may have no symbolic link.
without_links() {
	inside "$1"
	[[ $there == "$root\${1%/}" ]] || fail "a symbolic link of the image is in the way: $1"
}`,
	outside_proc: `# The same for a path that may not lead into /proc.
outside_proc() {
	inside "$1"
	[[ $there/ != "$root"/proc/* ]] || fail "a symbolic link of the image leads into /proc: $1"
}`,
	make_directory: `# Makes a directory with the mode $1, where there is none.
make_directory() {
	inside "$2"
	[[ -d $there ]] || mkdir -p -m "$1" -- "$there"
}`,
	make_file: `# Makes a file with the mode $1, where there is nothing.
make_file() {
	inside "$2"
	if [[ ! -e $there ]]; then
		mkdir -p -- "\${there%/*}"
		install -m "$1" /dev/null "$there"
	fi
}`,
	make_node: `# Makes a device node with the mode $1.
make_node() {
	beside "$2"
	mkdir -p -- "\${there%/*}"
	mknod -m "$1" -- "$there" "\${@:3}"
}`,
	make_link: `# Makes a symbolic link to $1 at $2. Something may be there already, unless a third argument says no.
make_link() {
	beside "$2"
	mkdir -p -- "\${there%/*}"
	if [[ -n \${3-} || ! -e $there && ! -L $there ]]; then ln -s -T -- "$1" "$there"; fi
}`,
	change_mount: `# Changes options of the mount $1, and with a third argument of all below it; its other options stay.
change_mount() {
	local places place current
	places=$(findmnt --noheadings --list --output TARGET \${3:+--submounts} --mountpoint "$1" | sort -u)
	while IFS= read -r place; do
		current=$(findmnt --noheadings --output VFS-OPTIONS --mountpoint "$place" | tail -n 1)
		mount --internal-only --options-mode ignore -o "remount,bind,$current,$2" "$place"
	done <<< "$places"
}`,
	tmpfs: `# A tmpfs $2 at $1 with the options $3 and, unless they say otherwise, the mode of the directory that it covers.
tmpfs() {
	local mode=''
	inside "$1"
	if [[ -d $there ]]; then mode=mode=$(stat -c %04a -- "$there"),; else mkdir -p -- "$there"; fi
	mount --internal-only -t tmpfs -o "$mode$3" "$2" "$there"
}`,
	mask: `# Hides a file behind /dev/null, a directory behind an empty one: the same for all.
mask() {
	inside "$1"
	if [[ ! -e $there ]]; then
		:
	elif [[ ! -d $there ]]; then
		mount --bind /dev/null "$there"
	elif [[ -z \${masked-} ]]; then
		mount -t tmpfs -o ro,nosuid,nodev,noexec,nr_blocks=1,nr_inodes=1 tmpfs "$there"
		masked=$there
	else
		mount --bind "$masked" "$there"
	fi
}`,
	read_only: `# Makes a path read-only, where there is one.
read_only() {
	inside "$1"
	if [[ -e $there ]]; then
		mount --rbind "$there" "$there"
		change_mount "$there" ro
	fi
}`,
	carry: `# Copies programs and their libraries into a file system that soon has no name. It is the current directory from now on, so that they
# are there when the host's / is out of reach; with the last of them it goes.
carry() {
	local program libraries loader
	local -a programs=() files
	for program; do
		program=$(type -P "$program") || fail "there is no program $program"
		programs+=("$program")
	done
	# of programs that need none it says so, and fails
	libraries=$(ldd "\${programs[@]}" 2> /dev/null) || :
	mapfile -t files < <({ printf '%s\\n' "\${programs[@]}"; grep -o '/[^ :]*' <<< "$libraries"; } | sort -u)
	mount -t tmpfs -o mode=755 tmpfs "$run/tools"
	cp -L -- "\${files[@]}" "$run/tools"
	loader=$(sed -n 's/^[[:space:]]*\\(\\/[^ ]*\\) (.*/\\1/p' <<< "$libraries" | head -n 1)
	tool=(\${loader:+"./\${loader##*/}" --library-path .})
	cd "$run/tools"
	umount -l "$run/tools"
}`,
	kill_cgroup: `# Ends the processes of a cgroup and of those below it.
kill_cgroup() {
	local -i tries=100
	local pids
	while ((tries-- > 0)) && pids=$(find "$1" -name cgroup.procs -exec cat {} + 2>/dev/null) && [[ -n $pids ]]; do
		kill -KILL $pids 2>/dev/null || :
		sleep 0.1
	done
}`,
	remove_cgroup: `# Removes a cgroup and those below it. The kernel may need a moment to see that it is empty.
remove_cgroup() {
	local -i tries=100
	while [[ -d $1 ]] && ((tries-- > 0)); do
		find "$1" -depth -type d -exec rmdir {} + 2>/dev/null || :
		if [[ -d $1 ]]; then sleep 0.1; fi
	done
}`,
	find_init: `# The pid of the container's first process: $init.
find_init() {
	init=''
	while [[ -z $init ]]; do
		kill -0 "$job" 2>/dev/null || fail 'the container did not start'
		init=$(cat "/proc/$job/task/$job/children" 2>/dev/null) || :
		init=\${init%% *}
	done
}`,
	turn: `# Lets the other side go on, and waits until it has done its part.
turn() {
	echo >&"$down"
	until read -r -t 1 -u "$up"; do
		kill -0 "$job" 2>/dev/null || fail 'the container did not start'
	done
}`,
	interface: `# The name of the network interface with the number $1.
interface() {
	ip -o link show | sed -n "s/^$1: \\\\([^:@]*\\\\).*/\\\\1/p"
}`,
	stop: `# A signal to the script is one to the container.
stop() {
	if [[ ! -v job ]]; then exit 130; fi
	find_init
	kill -s "$1" "$init"
}`,
};

/** Those of {@link SHELL_FUNCTIONS} that a text calls, or that these call. */
export function functionsOf(text: string): readonly string[] {
	const names = Object.keys(SHELL_FUNCTIONS);
	const calls = (body: string): readonly string[] =>
		names.filter(name => new RegExp(`(^|[\\s;'"(|{])${name}(?=[\\s;'")]|$)`, 'm').test(withoutComments(body)));
	const found = new Set(calls(text));
	for (const name of found) for (const other of calls(bodyOf(name))) found.add(other);
	return names.filter(name => found.has(name));
}

const withoutComments = (text: string): string => text.replace(/^\s*#.*$/gm, '');
const bodyOf = (name: string): string => (SHELL_FUNCTIONS[name] ?? '').replace(`${name}() {`, '{');
