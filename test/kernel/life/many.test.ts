import { expect, it } from 'vitest';
import { SLOWNESS } from '../support/slowness.ts';
import { openBox } from './support.ts';

const COUNT = 200;
const AT_ONCE = 8;
const { output } = openBox();

interface Row {
	readonly ID: string;
	readonly Names: string;
	readonly State: string;
	readonly ExitCode: string;
	readonly Pid: string;
}

const rows = async (...words: readonly string[]): Promise<readonly Row[]> =>
	(await output('ps', '--no-trunc', '--format', 'json', ...words))
		.split('\n')
		.filter(Boolean)
		.map(line => JSON.parse(line) as Row);

const names = Array.from({ length: COUNT }, (_, index) => `c${index}`);

it(
	`${COUNT} containers at once start, are listed, measured, entered and stopped, each by its own`,
	async () => {
		const waiting = [...names];
		const ids = new Map<string, string>();
		const starter = async (): Promise<void> => {
			for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
				const number = Number(name.slice(1));
				const script = `trap 'exit ${number % 100}' TERM; echo ${name}; sleep 1000 & wait`;
				ids.set(name, await output('run', '-d', '--name', name, 'box', 'sh', '-c', script));
			}
		};
		await Promise.all(Array.from({ length: AT_ONCE }, starter));
		expect(new Set(ids.values()).size).toBe(COUNT);

		const running = await rows();
		expect(running.map(({ Names, ID }) => [Names, ID]).sort()).toEqual([...ids].sort());
		expect(running.filter(({ State }) => State !== 'running')).toEqual([]);
		expect(new Set(running.map(({ Pid }) => Pid)).size).toBe(COUNT);

		const measured = (await output('stats', '--no-stream', '--format', '{{.Name}} {{.PIDs}}')).split('\n');
		expect(measured.sort()).toEqual(names.map(name => `${name} 2`).sort());

		const some = names.filter((_, index) => index % 25 === 0);
		const seen = await Promise.all(some.map(name => output('exec', name, 'sh', '-c', 'cat /proc/1/cmdline')));
		expect(seen.map(text => /echo (c\d+)/.exec(text)?.[1])).toEqual(some);

		expect((await output('stop', ...names)).split('\n')).toEqual(names);
		const ended = await rows('-a');
		expect(ended.map(({ Names, State, ExitCode }) => `${Names} ${State} ${ExitCode}`).sort()).toEqual(
			names.map(name => `${name} exited ${Number(name.slice(1)) % 100}`).sort(),
		);
		for (const name of some) expect(await output('logs', name)).toBe(name);
		expect((await output('rm', ...names)).split('\n')).toEqual(names);
		expect(await rows('-a')).toEqual([]);
	},
	300_000 * SLOWNESS,
);
