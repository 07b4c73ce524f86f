import { RLIM_INFINITY, type Rlimit } from '../oci/runtime-spec.ts';
import { badFlag } from './bad-flag.ts';

const FLAG = '--ulimit';
const EXAMPLE = '--ulimit nofile=1024:4096';
/** Docker's names; `as` is missing there too. */
const NAMES: readonly string[] = [
	'core',
	'cpu',
	'data',
	'fsize',
	'locks',
	'memlock',
	'msgqueue',
	'nice',
	'nofile',
	'nproc',
	'rss',
	'rtprio',
	'rttime',
	'sigpending',
	'stack',
];

/** Reads docker's `--ulimit <name>=<soft>[:<hard>]`; -1, `infinity` and `unlimited` are no limit. @throws TsrunError TSRUN_BAD_FLAG */
export function parseUlimit(text: string): Rlimit {
	const match = /^([^=]*)=([^:]*)(?::([^:]*))?$/.exec(text);
	if (match?.[1] === undefined || match[2] === undefined) {
		throw badFlag(FLAG, text, { problem: 'is not <name>=<soft>[:<hard>]', example: EXAMPLE });
	}
	if (!NAMES.includes(match[1])) {
		throw badFlag(FLAG, text, { problem: 'names no limit', hint: `there are ${NAMES.join(', ')}` });
	}
	const soft = parseLimit(match[2], text);
	const hard = match[3] === undefined ? soft : parseLimit(match[3], text);
	if (soft > hard) throw badFlag(FLAG, text, { problem: 'has a soft limit above the hard one', example: EXAMPLE });
	return { type: `RLIMIT_${match[1].toUpperCase()}`, soft, hard };
}

function parseLimit(word: string, text: string): number {
	if (word === '-1' || word === 'infinity' || word === 'unlimited') return RLIM_INFINITY;
	const value = /^\d{1,16}$/.test(word) ? Number(word) : Number.NaN;
	if (!Number.isSafeInteger(value)) {
		throw badFlag(FLAG, text, {
			problem: `has a limit that is not a number, ${JSON.stringify(word)}`,
			example: EXAMPLE,
		});
	}
	return value;
}
