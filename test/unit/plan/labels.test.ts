import { describe, expect, it } from 'vitest';
import type { TsrunError } from '../../../src/core/errors.ts';
import type { Process } from '../../../src/oci/runtime-spec.ts';
import { labelWrites } from '../../../src/plan/labels.ts';
import type { SpecFacts } from '../../../src/plan/spec-facts.ts';
import { thrownBy } from '../spec/expect-bad-flag.ts';
import { UNIFIED } from './cgroup/hosts.ts';
import { isOp, only, planOf } from './plan-fixture.ts';

const process = (labels: Partial<Process>): Process => ({ cwd: '/', user: { uid: 0, gid: 0 }, ...labels });
const writesOf = (labels: Partial<Process>, facts: SpecFacts): readonly (readonly [string, string])[] =>
	labelWrites(process(labels), facts).map(({ path, data }) => [path, data]);

describe('AppArmor', () => {
	it.each([
		[true, 'thread-self/attr/apparmor/exec'],
		[false, 'thread-self/attr/exec'],
	])('confines the program from its execve on; files of its own: %s', (hasOwnFiles, path) => {
		const facts = { appArmor: { isEnabled: true, hasOwnFiles } };
		expect(writesOf({ apparmorProfile: 'web' }, facts)).toEqual([[path, 'exec web']]);
	});

	it.each<SpecFacts>([{}, { appArmor: { isEnabled: false, hasOwnFiles: false } }])(
		'is refused where it is off: %j',
		facts => {
			const error = thrownBy(() => labelWrites(process({ apparmorProfile: 'web' }), facts)) as TsrunError;
			expect(error).toMatchObject({ code: 'TSRUN_UNSUPPORTED' });
			expect(error.message).toMatch(/^config\.json \/process\/apparmorProfile: profile web .* AppArmor is not enabled/);
		},
	);
});

describe('SELinux', () => {
	it('labels the program and the keys of its session', () => {
		expect(writesOf({ selinuxLabel: 'u:r:t:s0' }, { selinux: true })).toEqual([
			['thread-self/attr/keycreate', 'u:r:t:s0'],
			['thread-self/attr/exec', 'u:r:t:s0'],
		]);
	});

	it.each<SpecFacts>([{}, { selinux: false }])('is refused where it is off, in the words of runc: %j', facts => {
		const error = thrownBy(() => labelWrites(process({ selinuxLabel: 'u:r:t:s0' }), facts)) as TsrunError;
		expect(error.message).toContain('is specified in config, but selinux is disabled or not supported');
	});
});

it('writes labels to a proc of its own, after the hooks, while the proc is at hand (CVE-2019-16884, CVE-2025-52881)', () => {
	const { init } = planOf({
		change: spec => ({ ...spec, process: { ...process({}), ...spec.process, apparmorProfile: 'web' } }),
		facts: { ...UNIFIED, appArmor: { isEnabled: true, hasOwnFiles: true } },
	});
	const write = only(init, step => step.op === 'writeProc' && step.path.startsWith('thread-self'));
	expect(only(init, isOp('openProc'))).toBeLessThan(write);
	expect(write).toBeLessThan(only(init, isOp('closeRange')));
	expect(write).toBeLessThan(only(init, isOp('seccomp')));
});
