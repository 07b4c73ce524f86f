import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { planToJson } from '../../../src/explain/plan-to-json.ts';
import type { Plan } from '../../../src/plan/step.ts';

const notes = { why: 'a test', phase: 'security' } as const;

describe('planToJson', () => {
	it('is the plan, with bytes in base64 and wide integers exact', () => {
		const plan: Plan = {
			version: 1,
			cloneFlags: 0,
			setup: [{ op: 'write', path: '/p', data: 'text', tolerate: [2], from: '/linux', ...notes }],
			init: [
				{ op: 'seccomp', filter: new Uint8Array([0, 255, 16]), flags: 0, ...notes },
				{ op: 'setgroups', groups: Buffer.from([1, 0, 0, 0]), ...notes },
				{ op: 'capset', effective: 5n, permitted: 2n ** 53n, inheritable: 0xffff_ffff_ffff_ffffn, ...notes },
				{ op: 'exec', paths: ['/a'], argv: ['a'], env: ['X=1'], ...notes },
			],
			teardown: [],
		};
		expect(JSON.parse(planToJson(plan))).toEqual({
			...plan,
			init: [
				{ op: 'seccomp', filter: { base64: 'AP8Q' }, flags: 0, ...notes },
				{ op: 'setgroups', groups: { base64: 'AQAAAA==' }, ...notes },
				{ op: 'capset', effective: 5, permitted: '9007199254740992', inheritable: '18446744073709551615', ...notes },
				{ op: 'exec', paths: ['/a'], argv: ['a'], env: ['X=1'], ...notes },
			],
		});
	});
});
