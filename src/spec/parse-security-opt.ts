import { badFlag } from './bad-flag.ts';
import { parseBoolean } from './parse-boolean.ts';
import type { SeccompChoice } from './run-options.ts';

const FLAG = '--security-opt';

export interface SecurityOptions {
	readonly seccomp: SeccompChoice;
	readonly noNewPrivileges: boolean;
}

/** Reads all of docker's `--security-opt`; the last of each kind counts. @throws TsrunError TSRUN_BAD_FLAG */
export function parseSecurityOpts(texts: readonly string[]): SecurityOptions {
	let options: SecurityOptions = { seccomp: { kind: 'default' }, noNewPrivileges: false };
	for (const text of texts) options = { ...options, ...parseSecurityOpt(text) };
	return options;
}

function parseSecurityOpt(text: string): Partial<SecurityOptions> {
	const match = /^([^=:]+)(?:[=:](.*))?$/s.exec(text);
	const value = match?.[2];
	switch (match?.[1]) {
		case 'no-new-privileges':
			return { noNewPrivileges: value === undefined || parseBoolean(FLAG, value, text) };
		case 'seccomp':
			return { seccomp: parseSeccomp(value ?? '', text) };
		case 'apparmor':
		case 'label':
			// Asking for less than tsrun has is not an error: scripts for docker say it to be left alone.
			if (value === 'unconfined' || value === 'disable') return {};
			throw badFlag(FLAG, text, { problem: 'asks for a security module that tsrun does not set up' });
		default:
			throw badFlag(FLAG, text, {
				problem: 'is not known',
				hint: 'there are seccomp=<file>, seccomp=unconfined and no-new-privileges',
			});
	}
}

function parseSeccomp(value: string, text: string): SeccompChoice {
	if (value === '') throw badFlag(FLAG, text, { problem: 'names no profile', example: `${FLAG} seccomp=profile.json` });
	if (value === 'unconfined') return { kind: 'unconfined' };
	return value === 'builtin' ? { kind: 'default' } : { kind: 'file', path: value };
}
