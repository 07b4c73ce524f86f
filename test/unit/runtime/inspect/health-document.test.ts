import { expect, it } from 'vitest';
import { healthDocument } from '../../../../src/runtime/inspect/health-document.ts';

const SECOND = 1_000_000_000n;
/** Of the day after the epoch began: seconds. */
const line = (second: number, stream: string, text: string) =>
	`1970-01-01T00:00:0${second}.500000000Z ${stream} F ${text}\n`;

it('has the newest five results, each with what was written in its time', () => {
	const results = Array.from({ length: 6 }, (_, index) => ({
		began: BigInt(index + 1) * SECOND,
		ended: BigInt(index + 2) * SECOND,
		exitCode: index % 2,
	}));
	const output = Buffer.from(
		[2, 3, 4, 5, 6].map(n => line(n, 'stdout', `out ${n}`) + line(n, 'stderr', 'err')).join(''),
	);
	const health = { status: 'healthy', failingStreak: 1, results, log: '' } as const;
	const { Log, ...rest } = healthDocument(health, output) as { Log: object[] };
	expect(rest).toEqual({ Status: 'healthy', FailingStreak: 1 });
	expect(Log).toHaveLength(5);
	expect(Log[0]).toEqual({
		Start: '1970-01-01T00:00:02.000000000Z',
		End: '1970-01-01T00:00:03.000000000Z',
		ExitCode: 1,
		Output: 'out 2\nerr\n',
	});
	expect(Log[4]).toMatchObject({ Output: 'out 6\nerr\n' });
});

it('says why a command did not come to run, in place of its output', () => {
	const results = [{ began: SECOND, ended: SECOND, exitCode: 127, problem: 'the command cannot be run' }];
	expect(healthDocument({ status: 'starting', failingStreak: 1, results, log: '' }, new Uint8Array())).toMatchObject({
		Log: [{ ExitCode: 127, Output: 'the command cannot be run' }],
	});
});
