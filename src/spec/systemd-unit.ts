/**
 * A unit of systemd that starts containers when the machine starts, by their restart policies, and stops them when it goes down. Their
 * supervisors stay in the cgroup of the unit, and each is one task.
 * @param program argv of this program with its global options; the first word is an absolute path
 */
export function systemdUnit(program: readonly string[]): string {
	const words = program.map(unitWord).join(' ');
	return `[Unit]
Description=Containers of tsrun by their restart policies
Wants=network-online.target
After=network-online.target local-fs.target time-sync.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${words} start --all
ExecStop=${words} stop --all
TimeoutStartSec=infinity
TimeoutStopSec=90
TasksMax=infinity

[Install]
WantedBy=multi-user.target
`;
}

/** One word of a command line as systemd.service(5) quotes it; `%` and `$` would be expanded. */
function unitWord(word: string): string {
	const text = word.replaceAll('%', '%%').replaceAll('$', '$$$$');
	if (/^[\w@%+=:,./$-]+$/.test(text)) return text;
	return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
