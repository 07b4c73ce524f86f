import { expect } from 'vitest';
import type { TsrunError } from '../../../../src/core/errors.ts';
import { validateSpec } from '../../../../src/spec/validate-spec.ts';
import { thrownBy } from '../expect-bad-flag.ts';

/** A JSON document whose places can be set. */
export type Json = Record<string, unknown>;

/** The smallest config.json that passes. */
export function smallConfig(): Json {
	return {
		ociVersion: '1.0.2',
		process: { cwd: '/', args: ['sh'], user: { uid: 0, gid: 0 } },
		root: { path: 'rootfs' },
		linux: { namespaces: [{ type: 'mount' }] },
	};
}

/** The small config.json with one value put at a JSON pointer; undefined takes it away. Missing objects are made. */
export function configWith(pointer: string, value: unknown, base = smallConfig()): Json {
	const names = pointer
		.slice(1)
		.split('/')
		.map(name => name.replaceAll('~1', '/').replaceAll('~0', '~'));
	const last = names.pop() ?? '';
	let place = base;
	for (const name of names) {
		if (typeof place[name] !== 'object') place[name] = {};
		place = place[name] as Json;
	}
	if (value === undefined) delete place[last];
	else place[last] = value;
	return base;
}

/** Expects TSRUN_BAD_CONFIG at the pointer, and returns the error. */
export function expectBadConfig(config: unknown, pointer: string): TsrunError {
	const error = thrownBy(() => validateSpec(config)) as TsrunError;
	expect(error).toMatchObject({ name: 'TsrunError', code: 'TSRUN_BAD_CONFIG' });
	expect(error.message.slice(0, error.message.indexOf(': '))).toBe(`config.json ${pointer}`);
	return error;
}

export const NEW = (...types: readonly string[]) => ['mount', ...types].map(type => ({ type }));
