import { expect, it } from 'vitest';
import { onlyOwn } from '../../../../src/plan/cgroup/only-own.ts';
import type { Step } from '../../../../src/plan/step.ts';

const notes = { why: 'x', phase: 'cgroup' } as const;
const look = (path: string): Step => ({ op: 'requireEmptyCgroup', path, ...notes });
const kill: Step = { op: 'write', path: '/u/tsrun/web/cgroup.kill', data: '1', ...notes };
const remove = (path: string): Step => ({ op: 'removeCgroup', path, timeoutMs: 1, ...notes });

it('holds back what ends a cgroup until the look into it has come out well', () => {
	const setup = [look('/u/tsrun/web'), { op: 'setsid', ...notes } as const, look('/m/tsrun/web')];
	const teardown = onlyOwn([kill, remove('/u/tsrun/web'), remove('/m/tsrun/web'), remove('/m/tsrun/web2')], setup);
	expect(teardown.map(({ after }) => after)).toEqual([1, 1, 3, undefined]);
});

it('changes nothing where no directory may be somebody else’s', () => {
	expect(onlyOwn([kill], [{ op: 'mkdir', path: '/u/tsrun/web', mode: 0, ...notes }])).toEqual([kill]);
});
