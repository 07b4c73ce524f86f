import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Plan } from '../../src/plan/step.ts';
import { type HostState, leftovers, readHostState } from '../kernel/support/leftovers.ts';
import { witnessImage } from '../kernel/support/witness-image.ts';
import { AS_NOBODY, createCli } from './support.ts';

const { sandbox, tsrun, output, refusal } = createCli();
const at = (name: string): string => join(sandbox.dir, name);
let image = '';
let before: HostState;

/** What differs between two plans of the same container: its id, and with it the name. */
const withoutId = (text: string): string =>
	text.replaceAll(/[0-9a-f]{64}/g, '<id>').replaceAll(/\b[0-9a-f]{12}\b/g, '<short>');
const parsed = (text: string): Plan => JSON.parse(text) as Plan;

beforeAll(async () => {
	image = await witnessImage(at('image'), { config: { User: 'guest', Volumes: { '/data': {} } } });
	for (const name of ['runc', 'podman', 'wrong']) mkdirSync(at(name));
	execFileSync('runc', ['spec'], { cwd: at('runc') });
	writeFileSync(at('podman/config.json'), JSON.stringify(podmanLike(readFileSync(at('runc/config.json'), 'utf8'))));
	writeFileSync(at('wrong/config.json'), '');
	before = readHostState(sandbox);
});
afterAll(async () => {
	const found = await leftovers(sandbox, before);
	sandbox.remove();
	expect(found).toEqual([]);
});

/** What podman adds to a bundle: a tty, hooks' annotations, private and shared mounts, resources, a rootfs elsewhere. */
function podmanLike(text: string): unknown {
	const spec = JSON.parse(text) as { process: object; mounts: object[]; linux: { resources: object } };
	return {
		...spec,
		process: {
			...spec.process,
			terminal: false,
			rlimits: [{ type: 'RLIMIT_NOFILE', soft: 1024, hard: 2048 }],
			oomScoreAdj: 100,
			noNewPrivileges: false,
		},
		root: { path: '/srv/rootfs' },
		hostname: 'pod',
		annotations: { 'io.podman.annotations.autoremove': 'TRUE', 'org.opencontainers.image.stopSignal': '15' },
		mounts: [
			...spec.mounts,
			{ destination: '/etc/hosts', type: 'bind', source: '/etc/hosts', options: ['bind', 'rprivate'] },
		],
		linux: {
			...spec.linux,
			cgroupsPath: '/libpod_parent/libpod-0123',
			sysctl: { 'net.ipv4.ping_group_range': '0 0' },
			resources: { ...spec.linux.resources, pids: { limit: 2048 }, memory: { limit: 67_108_864 } },
		},
	};
}

describe('plan of an image', () => {
	it('lists every call with its reason and the field that asks for it', async () => {
		const text = await output([
			'plan',
			'--memory',
			'64m',
			'--hostname',
			'box',
			'-v',
			`${sandbox.dir}:/host:ro`,
			image,
			'exit',
			'3',
		]);
		expect(text).toMatch(/^plan version 1, new namespaces: CLONE_\w+/);
		expect(text).toMatch(/^setup {2}on the host, \d+ steps$/m);
		expect(text).toMatch(/^init {2}in the container, \d+ steps$/m);
		expect(text).toMatch(/^teardown {2}after the end, or after a failure, \d+ steps$/m);
		expect(text).toMatch(/sethostname\("box"\)\n.*name the container · \/hostname/);
		expect(text).toMatch(/memory\.(limit_in_bytes|max)", "67108864"\)\n.*\/linux\/resources\/memory\/limit/);
		expect(text).toMatch(/exec\(\["\/witness"\], \["\/witness", "exit", "3"\]/);
		expect(text).toMatch(/setresuid\(1000/);
		expect(text).not.toContain('\x1b');
	});

	it('as JSON is the same plan', async () => {
		const plan = parsed(await output(['plan', '--format', 'json', image, 'exit', '3']));
		expect(plan.version).toBe(1);
		expect(plan.init.at(-1)).toMatchObject({
			op: 'exec',
			argv: ['/witness', 'exit', '3'],
			phase: 'exec',
			from: '/process/args',
		});
		for (const list of ['setup', 'init', 'teardown'] as const) {
			expect(plan[list].length).toBeGreaterThan(3);
			expect(plan[list].every(step => step.why !== '')).toBe(true);
		}
		const text = await output(['plan', image, 'exit', '3']);
		const steps = plan.setup.length + plan.init.length + plan.teardown.length;
		expect([...text.matchAll(/^ {3,}\d+ {2}\w+\(/gm)]).toHaveLength(steps);
	});

	it('is the same each time but for the id', async () => {
		const [one, other] = [
			await output(['plan', '--name', 'web', image]),
			await output(['plan', '--name', 'web', image]),
		];
		expect(withoutId(one)).toBe(withoutId(other));
		expect(one).not.toBe(other);
	});

	it('shows some phases alone', async () => {
		const text = await output(['plan', '--only', 'identity,exec', image, 'exit', '3']);
		expect(text).toMatch(/setresuid\(1000\)/);
		expect(text).toMatch(/exec\(\["\/witness"\]/);
		expect(text).not.toMatch(/mount\(|mkdir\(/);
		const json = parsed(await output(['plan', '--only', 'cgroup', '--format', 'json', image]));
		expect(new Set([...json.setup, ...json.teardown].map(({ phase }) => phase))).toEqual(new Set(['cgroup']));
	});

	it('is compared with another, whose container has another id', async () => {
		const same = await output(['plan', '--diff', `${image} exit 3`, image, 'exit', '3']);
		expect(same).toBe(`- ${image} exit 3\n+ ${image} exit 3\n\nno step differs\n`);
		const text = await output(['plan', '--diff', `-m 64m '${image}' exit 3`, '--privileged', image, 'exit', '3']);
		expect(text).toMatch(/^ {2}- write\(".*\/<id>\/memory\.(limit_in_bytes|max)", "67108864"\)$/m);
		expect(text).toMatch(/^ {2}- seccomp\(/m);
		expect(text).not.toMatch(/[0-9a-f]{12}/);
		const bundle = await output(['plan', '--diff', at('runc'), image]);
		expect(bundle).toMatch(/^ {2}[-+] exec\(/m);
	});

	it('is a script of bash with --format sh, of an image and of a bundle', async () => {
		const text = await output(['plan', '--format', 'sh', '-m', '64m', image, 'exit', '3']);
		expect(text).toMatch(/^#!\/usr\/bin\/env bash\n# tsrun plan --format sh -m 64m \S+ exit 3\n/);
		expect(text).toMatch(/# limit memory to 64 MiB \(.*\)\n\techo 67108864 > \S+\/memory\.(limit_in_bytes|max)\n/);
		expect(text).toMatch(/^# - a volume without a name starts empty/m);
		const bundle = await output(['plan', '--format', 'sh', '--bundle', at('podman')]);
		expect(bundle).toMatch(/printf '%s' 100 > "\/proc\/\$init\/oom_score_adj"\n/);
		expect(bundle).toMatch(/\.\/prlimit --pid \$\$ --nofile=1024:2048\n/);
		for (const script of [text, bundle]) execFileSync('bash', ['--norc', '-n'], { input: script });
	});

	it('makes no container', async () => {
		await output(['plan', '--name', 'web', '--cidfile', at('cid'), '-v', `${at('new')}:/new`, image]);
		expect(readdirSync(join(sandbox.root, 'containers'))).toEqual([]);
		expect(readdirSync(sandbox.dir)).not.toEqual(expect.arrayContaining(['cid', 'new', 'state']));
	});

	it.each([
		['a bad flag', ['--memory', '12q'], 'x', /--memory "12q"/],
		['no such image', [], 'nosuch', /no image "nosuch"/],
		['an unknown user', ['-u', 'nobody'], '', /user "nobody"/],
	])('refuses %s as run does', async (_, flags, name, message) => {
		const words = [...flags, name === '' ? image : name];
		const [stderr, exitCode] = await refusal(['plan', ...words]);
		expect(stderr).toMatch(message);
		expect(exitCode).toBe(125);
		// plan asks no registry
		expect(await refusal(['run', '--rm', '--pull', 'never', ...words])).toEqual([stderr, exitCode]);
	});
});

describe('plan refuses', () => {
	it.each([
		[
			'a phase that is none',
			['--only', 'mounts,foo'],
			/--only: there is no phase "foo"\n.*expected some of snapshot, cgroup/,
		],
		['a quote that nothing ends', ['--diff', "it's"], /--diff has a quote or a backslash that nothing ends/],
		['a bad flag of the other plan', ['--diff', '--memory 12q x'], /--memory "12q"/],
		['an unknown flag of the other plan', ['--diff', '--nosuch x'], /--nosuch/],
		['a script of some phases', ['--format', 'sh', '--only', 'exec'], /--only has no effect together with --format sh/],
		['a script of two plans', ['--format', 'sh', '--diff', 'x'], /--diff has no effect together with --format sh/],
		[
			'a script with a user namespace',
			['--format', 'sh', '--userns', 'private'],
			/--format sh: the usual commands have no way/,
		],
		['no image in the other plan', ['--diff', '--read-only'], /takes either an image or --bundle/],
	])('%s', async (_, flags, message) => {
		const [stderr, exitCode] = await refusal(['plan', ...flags, image]);
		expect(stderr).toMatch(message);
		expect(exitCode).toBe(125);
	});
});

describe('without root', () => {
	const place = mkdtempSync(join(tmpdir(), 'tsrun-nobody-'));
	const nobody = {
		wrapper: AS_NOBODY,
		cwd: '/',
		env: { TSRUN_ROOT: join(place, 'root'), TSRUN_STATE: join(place, 'state') },
	};
	beforeAll(() => {
		chmodSync(place, 0o777);
		for (const name of ['image', 'runc', 'podman']) cpSync(at(name), join(place, name), { recursive: true });
	});
	afterAll(() => rmSync(place, { recursive: true, force: true }));

	it('the plan of an image is the one that root gets', async () => {
		const words = ['plan', '-v', '/etc:/host-etc:ro', '--memory', '64m'];
		const theirs = await output([...words, `oci:${join(place, 'image')}:latest`, 'exit', '3'], nobody);
		const ours = await output([...words, image, 'exit', '3']);
		expect(withoutId(theirs).replaceAll(place, '<place>').replaceAll('<place>/state', '<state>')).toBe(
			withoutId(ours).replaceAll(sandbox.dir, '<place>').replaceAll('<place>/state', '<state>'),
		);
	});

	it('the script is the one that root gets', async () => {
		const words = ['plan', '--format', 'sh', '--memory', '64m', '--hostname', 'box'];
		const theirs = await output([...words, `oci:${join(place, 'image')}:latest`, 'exit', '3'], nobody);
		const ours = await output([...words, image, 'exit', '3']);
		expect(withoutId(theirs).replaceAll(place, '<place>')).toBe(withoutId(ours).replaceAll(sandbox.dir, '<place>'));
	});

	it('nothing is made but the store', async () => {
		await output(['plan', `oci:${join(place, 'image')}:latest`], nobody);
		expect(readdirSync(place).sort()).toEqual(['image', 'podman', 'root', 'runc']);
		const made = readdirSync(join(place, 'root'), { recursive: true, encoding: 'utf8' });
		expect(made.filter(name => /^(containers|layers|tmp|resolved)\//.test(name))).toEqual([]);
	});

	it.each(['runc', 'podman'])('the plan of the bundle of %s is the one that root gets', async name => {
		const theirs = await output(['plan', '--bundle', join(place, name)], nobody);
		expect(withoutId(theirs).replaceAll(place, '')).toBe(
			withoutId(await output(['plan', '--bundle', at(name)])).replaceAll(sandbox.dir, ''),
		);
	});

	it('run says that it needs root', async () => {
		const [stderr, exitCode] = await refusal(['run', `oci:${join(place, 'image')}:latest`], nobody);
		expect([stderr, exitCode]).toEqual([
			'tsrun: containers need root, and this is user 65534\n  hint: run it with sudo; rootless containers come in a later version\n',
			125,
		]);
	});
});

describe('plan of a bundle', () => {
	it('takes what runc spec writes', async () => {
		const plan = parsed(await output(['plan', '--bundle', at('runc'), '--format', 'json']));
		expect(plan.init.at(-1)).toMatchObject({ op: 'exec', argv: ['sh'] });
		const text = await output(['plan', '--bundle', at('runc')]);
		expect(text).toMatch(/sethostname\("runc"\)/);
		expect(text).toContain(`${at('runc')}/rootfs`);
	});

	it('takes what podman writes', async () => {
		const text = await output(['plan', '--bundle', at('podman')]);
		expect(text).toContain('/srv/rootfs');
		expect(text).toContain('/libpod_parent/libpod-0123');
		expect(text).toMatch(/\/linux\/resources\/pids\/limit/);
		expect(text).toMatch(/RLIMIT_NOFILE/);
		expect(text).toMatch(/net\/ipv4\/ping_group_range/);
	});

	it('counts from the current directory', async () => {
		expect(withoutId(await output(['plan', '--bundle', '.'], { cwd: at('runc') }))).toBe(
			withoutId(await output(['plan', '--bundle', at('runc')])),
		);
	});

	it.each([
		['neither image nor bundle', ['plan'], /plan: takes either an image or --bundle\n {2}hint: tsrun plan IMAGE/],
		['both', ['plan', '--bundle', '$/runc', 'x'], /plan: takes either an image or --bundle/],
		[
			'a flag of run beside it',
			['plan', '--bundle', '$/runc', '-m', '1g'],
			/plan: --memory has no effect together with --bundle/,
		],
		[
			'no such bundle',
			['plan', '--bundle', '/no/such'],
			/file \/no\/such\/config\.json of --bundle cannot be read: no such file/,
		],
		[
			'an unknown format',
			['plan', '--format', 'yaml', 'x'],
			/--format.*'yaml' is invalid\n {2}hint: there are text, json/,
		],
	])('refuses %s', async (_, words, message) => {
		const [stderr, exitCode] = await refusal(words.map(word => word.replace('$', sandbox.dir)));
		expect(stderr).toMatch(message);
		expect(exitCode).toBe(125);
	});

	it('names the place in a configuration that is wrong', async () => {
		const spec = JSON.parse(readFileSync(at('runc/config.json'), 'utf8')) as { process: { user: object } };
		spec.process.user = { uid: -1, gid: 0 };
		writeFileSync(at('wrong/config.json'), JSON.stringify(spec));
		const { stderr, exitCode } = await tsrun(['plan', '--bundle', at('wrong')]);
		expect(stderr).toMatch(/^tsrun: .*\/process\/user\/uid/);
		expect(exitCode).toBe(125);
	});
});
