import type { RestartPolicy } from '../core/restart-policy.ts';
import { badFlag } from './bad-flag.ts';

const EXAMPLE = '--restart on-failure:3';

/**
 * Reads docker's `--restart`: `no`, `always`, `unless-stopped`, `on-failure[:tries]`.
 * @throws TsrunError TSRUN_BAD_FLAG
 */
export function parseRestart(text: string): RestartPolicy {
	const [name = '', tries, ...rest] = text.split(':');
	const isCounted = tries !== undefined;
	if (rest.length > 0 || (isCounted && !/^\d{1,9}$/.test(tries))) {
		throw badFlag('--restart', text, { problem: 'is not a restart policy', example: EXAMPLE });
	}
	switch (name) {
		case '':
		case 'no':
		case 'always':
		case 'unless-stopped':
			if (isCounted)
				throw badFlag('--restart', text, { problem: 'counts tries, which is for on-failure', example: EXAMPLE });
			return { kind: name || 'no' };
		case 'on-failure':
			return { kind: 'on-failure', ...(isCounted && Number(tries) > 0 ? { tries: Number(tries) } : {}) };
		default:
			throw badFlag('--restart', text, {
				problem: 'is not a restart policy',
				hint: 'there are no, always, unless-stopped and on-failure[:tries]',
			});
	}
}
