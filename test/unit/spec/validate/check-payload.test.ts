import { expect, it } from 'vitest';
import { validateSpec } from '../../../../src/spec/validate-spec.ts';
import { configWith, expectBadConfig } from './config-fixture.ts';

const rlimit = (type: string, soft: number, hard: number) => ({ type, soft, hard });

it.each([
	['/process/cwd', '', '/process/cwd'],
	['/process/cwd', 'srv', '/process/cwd'],
	['/process/args', [], '/process/args'],
	['/process/env', ['A=1', '=x'], '/process/env/1'],
	['/process/env', [''], '/process/env/0'],
	['/process/rlimits', [rlimit('RLIMIT_WHAT', 1, 1)], '/process/rlimits/0/type'],
	['/process/rlimits', [rlimit('nofile', 1, 1)], '/process/rlimits/0/type'],
	['/process/rlimits', [rlimit('RLIMIT_CORE', 1, 1), rlimit('RLIMIT_CORE', 1, 1)], '/process/rlimits/1/type'],
	['/process/rlimits', [rlimit('RLIMIT_CORE', 2, 1)], '/process/rlimits/0/soft'],
	['/process/rlimits', [rlimit('RLIMIT_CORE', -1, 1)], '/process/rlimits/0/soft'],
])('refuses at %s: %j', (pointer, value, place) => {
	expectBadConfig(configWith(pointer, value), place);
});

it.each([
	['/process/env', ['A', 'A=', 'A=b=c']],
	['/process/rlimits', [rlimit('RLIMIT_NOFILE', 1, -1), rlimit('RLIMIT_AS', -1, -1)]],
	['/process/capabilities', { bounding: ['CAP_NOT_YET_KNOWN', 'chown'] }],
])('takes at %s: %j', (pointer, value) => {
	expect(() => validateSpec(configWith(pointer, value))).not.toThrow();
});
