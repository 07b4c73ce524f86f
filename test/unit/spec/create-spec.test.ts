import { describe, expect, it } from 'vitest';
import { createSpec } from '../../../src/spec/create-spec.ts';
import type { RunOptions } from '../../../src/spec/run-options.ts';
import type { SpecInput } from '../../../src/spec/spec-input.ts';
import { validateSpec } from '../../../src/spec/validate-spec.ts';
import { thrownBy } from './expect-bad-flag.ts';
import { ID, IMAGE, specInput } from './spec-input-fixture.ts';

const MiB = 1024 ** 2;

const GOLDEN: Readonly<Record<string, SpecInput>> = {
	default: specInput(),
	privileged: specInput({ privileged: true }),
	tty: specInput({ tty: true, interactive: true }, { terminalSize: { height: 24, width: 80 } }),
	user: specInput(
		{ user: 'app', env: ['A=1'], workdir: '/srv', capDrop: ['ALL'], noNewPrivileges: true },
		{ user: { uid: 33, gid: 34, additionalGids: [34, 29], home: '/srv/app', name: 'app' } },
	),
	limits: specInput({
		resources: {
			memory: 256 * MiB,
			memoryReservation: 128 * MiB,
			nanoCpus: 500_000_000,
			cpuShares: 512,
			cpusetCpus: '0-1',
			cpusetMems: '0',
			pidsLimit: 100,
			blkioWeight: 500,
		},
		ulimits: [{ type: 'RLIMIT_NOFILE', soft: 1024, hard: 4096 }],
		oomScoreAdj: 500,
		cgroupParent: '/work',
	}),
	userns: specInput({ userns: { kind: 'private' } }, { idRange: { first: 100_000, size: 65_536 } }),
};

describe('the configuration of a container', () => {
	it.each(Object.entries(GOLDEN))('is as written down for %s', async (name, input) => {
		const spec = createSpec(input);
		// the filter has its own test, and is longer than all the rest
		const seccomp = spec.linux?.seccomp === undefined ? undefined : { defaultAction: spec.linux.seccomp.defaultAction };
		const shown = { ...spec, linux: { ...spec.linux, seccomp } };
		await expect(`${JSON.stringify(shown, null, '\t')}\n`).toMatchFileSnapshot(`golden/${name}.golden.json`);
	});

	it.each(Object.entries(GOLDEN))('is valid and stays the same through JSON for %s', (_, input) => {
		const spec = createSpec(input);
		expect(validateSpec(JSON.parse(JSON.stringify(spec)))).toEqual(spec);
	});
});

describe('what an image may not decide', () => {
	it('takes no annotation, namespace or mount from labels and environment (CVE-2026-53488)', () => {
		const control = { 'org.tsrun.init': 'true', 'io.podman.annotations.init': 'TRUE', 'org.tsrun.log': 'binary:///x' };
		const image = { ...IMAGE, labels: control };
		expect(createSpec(specInput({}, { image }))).toEqual(createSpec(specInput()));
		const env = Object.keys(control).map(key => `${key}=true`);
		const { process: payload, ...rest } = createSpec(
			specInput({}, { image: { ...IMAGE, env: [...IMAGE.env, ...env] } }),
		);
		const { process: plainPayload, ...plain } = createSpec(specInput());
		expect(rest).toEqual(plain);
		expect({ ...payload, env: [] }).toEqual({ ...plainPayload, env: [] });
	});

	it('keeps labels of the command line out of the annotations too', () => {
		expect(createSpec(specInput({ labels: { 'org.tsrun.init': 'true' } })).annotations).toBeUndefined();
	});
});

it('says --init by an annotation, where the container has a pid 1 of its own', () => {
	expect(createSpec(specInput({ init: true })).annotations).toEqual({ 'org.tsrun.init': 'true' });
	expect(createSpec(specInput({ init: true, pid: { kind: 'host' } })).annotations).toBeUndefined();
});

it('gives no inheritable and no ambient capabilities to anyone (CVE-2022-24769, CVE-2016-8867)', () => {
	for (const options of [{}, { privileged: true }, { capAdd: ['ALL'] }] satisfies Partial<RunOptions>[]) {
		const capabilities = createSpec(specInput(options)).process?.capabilities;
		expect(capabilities?.inheritable).toBeUndefined();
		expect(capabilities?.ambient).toBeUndefined();
	}
});

it.each([
	['', '/'],
	['/srv/', '/srv'],
	['srv', '/srv'],
	['../..', '/'],
])('works in %j of the image at %s', (workingDir, cwd) => {
	expect(createSpec(specInput({}, { image: { ...IMAGE, workingDir } })).process?.cwd).toBe(cwd);
});

it('shares host names with a shared uts namespace', () => {
	const spec = createSpec(specInput({ uts: { kind: 'host' } }));
	expect(spec.hostname).toBeUndefined();
	expect(spec.process?.env).toContain('HOSTNAME=the-host');
	const joined = createSpec(
		specInput({ uts: { kind: 'container', container: 'web' } }, { joined: { uts: '/proc/7/ns/uts' } }),
	);
	expect(joined.hostname).toBeUndefined();
});

it('sets hostname and domain name', () => {
	expect(createSpec(specInput({ hostname: 'web', domainname: 'example.com' }))).toMatchObject({
		hostname: 'web',
		domainname: 'example.com',
	});
	expect(createSpec(specInput()).hostname).toBe(ID.slice(0, 12));
});

it('masks the throttle counters that the host has', () => {
	const input = specInput();
	const path = '/sys/devices/system/cpu/cpu0/thermal_throttle';
	expect(createSpec({ ...input, host: { ...input.host, thermalThrottle: [path] } }).linux?.maskedPaths).toContain(path);
});

it.each([
	[
		'a volume at /proc',
		{ image: { ...IMAGE, volumes: ['/proc'] }, volumes: { '/proc': { path: '/v', readonly: false } } },
	],
	[
		'a volume inside /proc',
		{
			image: { ...IMAGE, volumes: ['/proc/self/attr'] },
			volumes: { '/proc/self/attr': { path: '/v', readonly: false } },
		},
	],
	['a variable with a NUL', { image: { ...IMAGE, env: ['A=\0'] } }],
	['a user outside the id map', { user: { uid: 70_000, gid: 0, additionalGids: [0], home: '/', name: '' } }],
])('refuses %s', (_, rest) => {
	const input = specInput({ userns: { kind: 'private' } }, { idRange: { first: 100_000, size: 65_536 }, ...rest });
	expect(thrownBy(() => createSpec(input))).toMatchObject({ code: 'TSRUN_BAD_CONFIG' });
});
