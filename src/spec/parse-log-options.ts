import { badFlag } from './bad-flag.ts';
import { parseInteger } from './parse-integer.ts';
import { parseSize } from './parse-size.ts';
import type { LogOptions } from './run-options.ts';

const DRIVERS = ['k8s-file', 'none'] as const;
const DEFAULT_FILES = 5;
const MAX_FILES = 1000;

/**
 * `--log-driver` and `--log-opt`. `k8s-file` is podman's name of the one format that there is, Kubernetes' own (CRI): lines of time,
 * stream, tag and text. Options are docker's: `max-size` of a file, `max-file` files in all.
 * @throws TsrunError TSRUN_BAD_FLAG
 */
export function parseLogOptions(driver: string, options: readonly string[]): LogOptions {
	if (!DRIVERS.some(each => each === driver)) {
		throw badFlag('--log-driver', driver, { problem: 'is not known', hint: `there are ${DRIVERS.join(', ')}` });
	}
	const given = new Map(options.map(parseOption));
	if (driver === 'none') {
		const [first] = given.keys();
		if (first === undefined) return { kind: 'none' };
		throw badFlag('--log-opt', first, { problem: 'is given with --log-driver none' });
	}
	const [size, files] = [given.get('max-size'), given.get('max-file')];
	if (files !== undefined && size === undefined) {
		throw badFlag('--log-opt', `max-file=${files}`, {
			problem: 'is given without max-size',
			example: `--log-opt max-size=10m --log-opt max-file=${files}`,
		});
	}
	if (size === undefined || size === '-1') return { kind: 'file', maxSize: 0, files: 1 };
	const maxSize = parseSize('--log-opt max-size', size);
	if (maxSize === 0)
		throw badFlag('--log-opt', `max-size=${size}`, { problem: 'is nothing', example: '--log-opt max-size=10m' });
	const limits = { min: 1, max: MAX_FILES, example: '3' };
	return {
		kind: 'file',
		maxSize,
		files: files === undefined ? DEFAULT_FILES : parseInteger('--log-opt max-file', files, limits),
	};
}

function parseOption(text: string): readonly [name: string, value: string] {
	const [name = '', ...rest] = text.split('=');
	if (!['max-size', 'max-file'].includes(name) || rest.length === 0) {
		throw badFlag('--log-opt', text, { problem: 'is not known', hint: 'there are max-size=SIZE and max-file=NUMBER' });
	}
	return [name, rest.join('=')];
}
