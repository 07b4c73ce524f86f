const NAMES: readonly string[] = (
	'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU ' +
	'XFSZ VTALRM PROF WINCH IO PWR SYS'
).split(' ');
const ALIASES: Readonly<Record<string, string>> = { IOT: 'ABRT', CLD: 'CHLD', POLL: 'IO', UNUSED: 'SYS' };
const FIRST_REALTIME = 34;
const LAST_REALTIME = 64;

/** The number of a Linux signal (signal(7)) given as `SIGTERM`, `term`, `15` or `RTMIN+3`; undefined when it is none. */
export function parseSignal(text: string): number | undefined {
	if (/^\d{1,2}$/.test(text)) return Number(text) >= 1 && Number(text) <= LAST_REALTIME ? Number(text) : undefined;
	const word = text.toUpperCase().replace(/^SIG/, '');
	const realtime = /^RT(MIN|MAX)(?:([+-])(\d{1,2}))?$/.exec(word);
	if (realtime !== null) return realtimeSignal(realtime);
	const index = NAMES.indexOf((Object.hasOwn(ALIASES, word) ? ALIASES[word] : undefined) ?? word);
	return index === -1 ? undefined : index + 1;
}

/** The other way: `SIGTERM`, `SIGRTMIN+3`. */
export function signalName(signal: number): string {
	const name = NAMES[signal - 1];
	if (name !== undefined) return `SIG${name}`;
	return signal === FIRST_REALTIME ? 'SIGRTMIN' : `SIGRTMIN+${signal - FIRST_REALTIME}`;
}

function realtimeSignal([, from, sign, distance]: RegExpExecArray): number | undefined {
	const offset = Number(`${sign ?? ''}${distance ?? 0}`);
	const signal = (from === 'MIN' ? FIRST_REALTIME : LAST_REALTIME) + offset;
	return signal >= FIRST_REALTIME && signal <= LAST_REALTIME ? signal : undefined;
}
