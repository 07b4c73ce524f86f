import { describe, expect, it } from 'vitest';
import { validateSpec } from '../../../src/spec/validate-spec.ts';
import { configWith, expectBadConfig, smallConfig } from './validate/config-fixture.ts';

it('takes the smallest configuration', () => {
	expect(validateSpec(smallConfig())).toEqual(smallConfig());
});

it('leaves out what it does not know, at every depth', () => {
	const config = configWith('/solaris', { milestone: 'x' });
	configWith('/process/what', 1, config);
	configWith('/linux/resources', { what: {}, memory: { limit: 5, what: 1 } }, config);
	expect(validateSpec(config)).toEqual({
		...smallConfig(),
		linux: { namespaces: [{ type: 'mount' }], resources: { memory: { limit: 5 } } },
	});
});

it('takes null for absent, as Go writes it', () => {
	expect(validateSpec(configWith('/mounts', null))).toEqual(smallConfig());
});

it.each(['1', '1.0', '1.3-dev', '1.0.0', '1.0.2-dev', '1.2.1', '1.3.0-rc.1+dev'])('takes version %s', version => {
	expect(validateSpec(configWith('/ociVersion', version)).ociVersion).toBe(version);
});

it.each(['', '0.9.0', '1.', '1.0.0.0', '2.0.0', '10.0.0', '1.0.0 ', 'v1.0.0'])('refuses version %j', version => {
	expectBadConfig(configWith('/ociVersion', version), '/ociVersion');
});

it.each([
	['/ociVersion', undefined],
	['/root', undefined],
	['/root/path', undefined],
	['/process', undefined],
	['/process/cwd', undefined],
	['/process/args', undefined],
])('refuses a configuration without %s', (pointer, value) => {
	expect(expectBadConfig(configWith(pointer, value), pointer).message).toMatch(
		/is required and missing|names no program/,
	);
});

it.each(['/process/user', '/process/user/uid', '/process/user/gid'])(
	'reads an absent %s as root, as tools in Go do',
	pointer => {
		expect(validateSpec(configWith(pointer, undefined)).process?.user).toMatchObject({ uid: 0, gid: 0 });
	},
);

describe('wrong types', () => {
	it('are named with place, expectation and value', () => {
		expect(expectBadConfig(configWith('/process/user/uid', 'x'), '/process/user/uid').message).toBe(
			'config.json /process/user/uid: expected a number, got "x"',
		);
	});

	it.each([[undefined], [null], [1], ['x'], [[]]])('are seen at the root: %j', config => {
		expectBadConfig(config, '/');
	});

	it.each([
		['/ociVersion', 1],
		['/process', []],
		['/process/terminal', 'true'],
		['/process/cwd', 1],
		['/process/cwd', '/a\0'],
		['/process/args', 'sh'],
		['/process/args/0', ['sh']],
		['/process/user/uid', -1],
		['/process/user/uid', 4294967295],
		['/process/user/uid', 4294967296],
		['/process/user/uid', 1.5],
		['/process/user/gid', 1e99],
		['/process/user/umask', 0o1000],
		['/process/user/additionalGids', [0, -1]],
		['/process/oomScoreAdj', -1001],
		['/process/noNewPrivileges', 1],
		['/process/capabilities/bounding', 'ALL'],
		['/root/readonly', 'yes'],
		['/mounts', {}],
		['/annotations', { a: 1 }],
		['/linux/sysctl', { 'net.a': 1 }],
		['/linux/resources/memory/limit', '64m'],
		['/linux/resources/memory/limit', -2],
		['/linux/resources/memory/swappiness', 101],
		['/linux/resources/cpu/shares', -1],
		['/linux/resources/cpu/idle', 2],
		['/linux/resources/pids', {}],
		['/linux/resources/blockIO/weight', 1001],
		['/linux/seccomp', { syscalls: [] }],
		[
			'/linux/seccomp',
			{ defaultAction: 'x', syscalls: [{ names: [], action: 'x', args: [{ index: 6, value: 0, op: 'x' }] }] },
		],
	])('are refused at %s: %j', (pointer, value) => {
		const place = `${pointer}${deeper(pointer, value)}`;
		expectBadConfig(configWith(pointer, value), place);
	});
});

/** Where in the value the fault is, for values that are not wrong as a whole. */
function deeper(pointer: string, value: unknown): string {
	const places: Readonly<Record<string, string>> = {
		'/process/user/additionalGids': '/1',
		'/annotations': '/a',
		'/linux/sysctl': '/net.a',
		'/linux/resources/pids': '/limit',
		'/linux/seccomp': JSON.stringify(value).includes('defaultAction') ? '/syscalls/0/args/0/index' : '/defaultAction',
	};
	return places[pointer] ?? '';
}

it('keeps a key __proto__ what it is', () => {
	const spec = validateSpec(configWith('/annotations', JSON.parse('{"__proto__":"x","a":"b"}')));
	expect(Object.entries(spec.annotations ?? {})).toEqual([
		['__proto__', 'x'],
		['a', 'b'],
	]);
});

it('does not read inherited properties', () => {
	const config = Object.create(smallConfig()) as object;
	expectBadConfig(config, '/ociVersion');
});

it('takes the numbers that tools write for no limit', () => {
	const config = JSON.parse(
		'{"rlimits":[{"type":"RLIMIT_CORE","soft":18446744073709551615,"hard":18446744073709551615}]}',
	) as { rlimits: unknown };
	expect(() => validateSpec(configWith('/process/rlimits', config.rlimits))).not.toThrow();
	expect(() => validateSpec(configWith('/linux/resources/memory', { limit: 2 ** 63 - 4096, swap: -1 }))).not.toThrow();
});

it('escapes pointers and cuts long values short', () => {
	const error = expectBadConfig(configWith('/annotations', { 'a/b~c': ['x'] }), '/annotations/a~1b~0c');
	expect(error.message).toContain('an array');
	expect(
		expectBadConfig(configWith('/process/terminal', 'x'.repeat(10_000)), '/process/terminal').message.length,
	).toBeLessThan(200);
});
