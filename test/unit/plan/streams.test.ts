import { describe, expect, it } from 'vitest';
import { compileStreams } from '../../../src/plan/streams.ts';
import { planInput } from './plan-fixture.ts';

const INHERIT = { stdin: 'inherit', stdout: 'inherit', stderr: 'inherit' } as const;

describe('compileStreams', () => {
	it('leaves inherited streams alone', () => {
		const plan = compileStreams(planInput({ container: { streams: INHERIT } }));
		expect([plan.setup, plan.terminal, plan.standard]).toEqual([[], [], []]);
		expect(plan.supervise).toMatchObject({ op: 'supervise', rawTerminal: 0, terminalInput: 0 });
	});

	it('makes a pipe for each piped stream, and puts it in its place in init', () => {
		const streams = { stdin: 'inherit', stdout: 'pipe', stderr: 'pipe' } as const;
		const plan = compileStreams(planInput({ container: { streams } }));
		expect(plan.setup).toMatchObject([
			{ op: 'pipe', fd: 1 },
			{ op: 'pipe', fd: 2 },
		]);
		expect(plan.standard).toMatchObject([
			{ op: 'standardStream', fd: 1, path: '' },
			{ op: 'standardStream', fd: 2, path: '' },
		]);
	});

	it('gives the null device of the container where there is no input', () => {
		const plan = compileStreams(planInput({ container: { streams: { ...INHERIT, stdin: 'null' } } }));
		expect(plan.setup).toEqual([]);
		expect(plan.standard).toMatchObject([{ op: 'standardStream', fd: 0, path: '/dev/null', flags: 2 }]);
	});

	it('opens a terminal of the asked size for the user of the process, and neither pipes nor null beside it', () => {
		const plan = compileStreams(
			planInput({
				options: { tty: true },
				specRest: {
					terminalSize: { height: 24, width: 80 },
					user: { uid: 33, gid: 34, additionalGids: [], home: '/', name: 'app' },
				},
				container: { streams: { stdin: 'null', stdout: 'pipe', stderr: 'pipe' }, terminal: { raw: true, input: true } },
			}),
		);
		expect(plan.setup).toEqual([]);
		expect(plan.terminal).toMatchObject([
			{ op: 'createInRoot', path: '/dev/console', mode: 0o600 },
			{ op: 'openTerminal', rows: 24, columns: 80, uid: 33, flags: 1 },
		]);
		expect(plan.standard).toMatchObject([{ op: 'controllingTerminal' }]);
		expect(plan.supervise).toMatchObject({ rawTerminal: 1, terminalInput: 1 });
	});

	it('puts the terminal of the caller into raw mode only for a container with a terminal', () => {
		const plan = compileStreams(planInput({ container: { terminal: { raw: true, input: false } } }));
		expect(plan.supervise).toMatchObject({ rawTerminal: 0, terminalInput: 0 });
	});

	it('leaves the size 0 by 0 where none is known', () => {
		const { terminal } = compileStreams(planInput({ options: { tty: true } }));
		expect(terminal.at(-1)).toMatchObject({ rows: 0, columns: 0 });
	});

	it('makes no console where the root has one already', () => {
		const { terminal } = compileStreams(planInput({ options: { tty: true } }), { console: false });
		expect(terminal).toMatchObject([{ op: 'openTerminal', flags: 0 }]);
	});
});
