import { isAbsolute } from 'node:path/posix';
import type { RuntimeSpec } from '../../oci/runtime-spec.ts';
import { badConfig, shortly } from './bad-config.ts';

const RLIMIT =
	/^RLIMIT_(AS|CORE|CPU|DATA|FSIZE|LOCKS|MEMLOCK|MSGQUEUE|NICE|NOFILE|NPROC|RSS|RTPRIO|RTTIME|SIGPENDING|STACK)$/;

export function checkProcess({ process: payload }: RuntimeSpec): void {
	if (payload === undefined) throw badConfig('/process', 'is required and missing');
	if (!isAbsolute(payload.cwd)) throw badConfig('/process/cwd', `${shortly(payload.cwd)} is not absolute`);
	if (payload.args === undefined || payload.args.length === 0) throw badConfig('/process/args', 'names no program');
}

export function checkEnvironment(spec: RuntimeSpec): void {
	for (const [index, entry] of (spec.process?.env ?? []).entries()) {
		if (entry.startsWith('=') || entry === '')
			throw badConfig(`/process/env/${index}`, `${shortly(entry)} has no name`);
	}
}

export function checkRlimits(spec: RuntimeSpec): void {
	const seen = new Set<string>();
	for (const [index, { type, soft, hard }] of (spec.process?.rlimits ?? []).entries()) {
		const pointer = `/process/rlimits/${index}`;
		if (!RLIMIT.test(type)) throw badConfig(`${pointer}/type`, `${shortly(type)} is no resource limit`);
		if (seen.has(type)) throw badConfig(`${pointer}/type`, `${type} is set twice`);
		seen.add(type);
		const [low, high] = [soft, hard].map(value => (value === -1 ? 2 ** 64 : value)) as [number, number];
		if (low > high) throw badConfig(`${pointer}/soft`, `${soft} is above the hard limit, ${hard}`);
	}
}
