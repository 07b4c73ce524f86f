import { expect, it } from 'vitest';
import type { TsrunError } from '../../../src/core/errors.ts';
import { labelMounts } from '../../../src/plan/mount-label.ts';
import { thrownBy } from '../spec/expect-bad-flag.ts';
import { UNIFIED } from './cgroup/hosts.ts';
import { bind, planOf, stepsOf } from './plan-fixture.ts';

const LABEL = 'system_u:object_r:container_file_t:s0:c1,c2';

it('is the context of each file system made for the container, and of nothing that is bound', () => {
	const { init } = planOf({
		options: { mounts: [bind('/srv/data', '/data')] },
		facts: { ...UNIFIED, selinux: true },
		change: spec => ({ ...spec, linux: { ...spec.linux, mountLabel: LABEL } }),
	});
	const labelled = stepsOf(init, 'mountInRoot').filter(({ data }) => data.includes('context='));
	expect(labelled.map(({ type }) => type)).toEqual(['devpts']);
	for (const { data } of [...labelled, ...stepsOf(init, 'tmpfsInRoot')])
		expect(data).toMatch(/(^|,)context="system_u:object_r:container_file_t:s0:c1,c2"$/);
});

it('leaves mounts alone where nothing asks for it', () => {
	const { init } = planOf();
	expect(labelMounts(init, { ociVersion: '1.0.2' }, {})).toBe(init);
});

it('is refused where SELinux is off', () => {
	const spec = { ociVersion: '1.0.2', linux: { mountLabel: LABEL } };
	const error = thrownBy(() => labelMounts([], spec, { selinux: false })) as TsrunError;
	expect(error).toMatchObject({ code: 'TSRUN_UNSUPPORTED' });
	expect(error.message).toMatch(/^config\.json \/linux\/mountLabel: /);
});
