import { expect, it } from 'vitest';
import type { RuntimeSpec } from '../../../src/oci/runtime-spec.ts';
import { hasHooks, hookSteps } from '../../../src/plan/hooks.ts';

const STATE = { id: 'web', bundle: '/srv/web' };
const SPEC: RuntimeSpec = {
	ociVersion: '1.2.0',
	annotations: { 'org.example': 'a "quote"' },
	hooks: {
		prestart: [{ path: '/bin/first', timeout: 3 }],
		createRuntime: [{ path: '/bin/second', args: ['second', '-x'], env: ['A=1'] }],
		poststop: [{ path: '/bin/last' }],
	},
};

const stateOf = ({ stateHead, stateTail }: { stateHead: unknown; stateTail: unknown }, pid: number): unknown =>
	JSON.parse(`${stateHead}${pid}${stateTail}`);

it('keeps the order of the kinds asked for, then that of the list', () => {
	const steps = hookSteps(SPEC, STATE, ['prestart', 'createRuntime']);
	expect(steps).toMatchObject([
		{ path: '/bin/first', argv: ['/bin/first'], env: [], timeoutMs: 3000, from: '/hooks/prestart/0' },
		{ path: '/bin/second', argv: ['second', '-x'], env: ['A=1'], timeoutMs: 0, from: '/hooks/createRuntime/0' },
	]);
});

it('tells the state of the container around the pid, which the machine fills in', () => {
	const [hook] = hookSteps(SPEC, STATE, ['poststop']);
	if (hook === undefined) throw new Error('no hook');
	expect(stateOf(hook, 17)).toEqual({
		ociVersion: '1.3.0',
		id: 'web',
		status: 'stopped',
		pid: 17,
		bundle: '/srv/web',
		annotations: { 'org.example': 'a "quote"' },
	});
});

it.each([
	['prestart', 'creating'],
	['createRuntime', 'creating'],
	['createContainer', 'creating'],
	['startContainer', 'created'],
	['poststart', 'running'],
	['poststop', 'stopped'],
] as const)('a %s hook is told that the container is %s', (kind, status) => {
	const [hook] = hookSteps({ ociVersion: '1.2.0', hooks: { [kind]: [{ path: '/h' }] } }, STATE, [kind]);
	expect(hook && stateOf(hook, 1)).toMatchObject({ status });
});

it('knows whether there are any', () => {
	expect(hasHooks(SPEC, ['prestart'])).toBe(true);
	expect(hasHooks(SPEC, ['startContainer', 'poststart'])).toBe(false);
	expect(hasHooks({ ociVersion: '1.2.0' }, ['prestart'])).toBe(false);
});

it('gives a hook of the container the environment of its program, unless it has one of its own', () => {
	const spec: RuntimeSpec = {
		ociVersion: '1.3.0',
		process: { cwd: '/', user: { uid: 0, gid: 0 }, env: ['A=1'] },
		hooks: { startContainer: [{ path: '/a' }, { path: '/b', env: ['B=2'] }], createContainer: [{ path: '/c' }] },
	};
	expect(hookSteps(spec, STATE, ['startContainer', 'createContainer']).map(({ env }) => env)).toEqual([
		['A=1'],
		['B=2'],
		[],
	]);
});
