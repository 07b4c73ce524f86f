import { expect, it } from 'vitest';
import { parseUpdate } from '../../../src/spec/parse-update.ts';
import { expectBadFlag } from './expect-bad-flag.ts';

it.each([
	[{}, {}],
	[{ memory: '', 'cpu-quota': '', 'pids-limit': '0', 'blkio-weight': '0' }, {}],
	[
		{ memory: '32m', 'memory-swap': '-1', 'memory-reservation': '1g' },
		{ memory: { limit: 33_554_432, swap: -1, reservation: 1_073_741_824 } },
	],
	[{ memory: '67108864' }, { memory: { limit: 67_108_864 } }],
	[
		{ 'cpu-period': '100000', 'cpu-quota': '-1', 'cpu-burst': '0', 'cpu-share': '512', 'cpu-idle': '0' },
		{ cpu: { period: 100_000, quota: -1, burst: 0, shares: 512, idle: 0 } },
	],
	[
		{ 'cpu-rt-period': '900001', 'cpu-rt-runtime': '600001' },
		{ cpu: { realtimePeriod: 900_001, realtimeRuntime: 600_001 } },
	],
	[{ 'cpuset-cpus': '0-1', 'cpuset-mems': '0' }, { cpu: { cpus: '0-1', mems: '0' } }],
	[
		{ 'blkio-weight': '300', 'pids-limit': '-1' },
		{ blockIO: { weight: 300 }, pids: { limit: -1 } },
	],
	[{ 'kernel-memory': '1m', 'kernel-memory-tcp': '1m' }, {}],
])('reads %j', (flags, resources) => {
	expect(parseUpdate(flags)).toEqual(resources);
});

it.each([
	['memory', '-2'],
	['memory', '12x'],
	['cpu-period', '-1'],
	['cpu-period', '1e3'],
	['cpu-quota', '-2'],
	['cpu-idle', '2'],
	['cpu-idle', '-1'],
	['blkio-weight', '5'],
	['blkio-weight', '1001'],
	['pids-limit', 'many'],
] as const)('refuses --%s %s', (flag, text) => {
	expectBadFlag(() => parseUpdate({ [flag]: text }), `--${flag}`, text);
});
