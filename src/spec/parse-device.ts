import { normalPath } from '../core/paths.ts';
import { badFlag } from './bad-flag.ts';
import type { DeviceRequest } from './run-options.ts';

const FLAG = '--device';
const EXAMPLE = '--device /dev/fuse:/dev/fuse:rw';

/** Reads docker's `--device <host path>[:<path>][:<some of rwm>]`. @throws TsrunError TSRUN_BAD_FLAG */
export function parseDevice(text: string): DeviceRequest {
	const parts = text.split(':');
	const [source = '', second, third] = parts;
	const secondIsAccess = second !== undefined && third === undefined && isAccess(second);
	const destination = second === undefined || secondIsAccess ? source : second;
	const access = secondIsAccess ? second : (third ?? 'rwm');
	if (parts.length > 3 || !isAccess(access)) {
		throw badFlag(FLAG, text, { problem: 'is not <host path>[:<path>][:<some of rwm>]', example: EXAMPLE });
	}
	if (!source.startsWith('/') || !destination.startsWith('/')) {
		throw badFlag(FLAG, text, { problem: 'has a path that is not absolute', example: EXAMPLE });
	}
	return { source: clean(source), destination: clean(destination), access };
}

function isAccess(text: string): boolean {
	return /^[rwm]{1,3}$/.test(text) && new Set(text).size === text.length;
}

function clean(path: string): string {
	return normalPath(path);
}
