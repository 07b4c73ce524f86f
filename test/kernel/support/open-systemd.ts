import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../../peers/support/eventually.ts';
import { openPen, type Pen, type PenOptions, type PenResult } from '../../peers/support/open-pen.ts';

/** A systemd that believes itself the init of a machine, in a pen, with a bus. */
export interface Systemd {
	readonly pen: Pen;
	/** The words that run a command on that machine. */
	readonly words: (command: readonly string[]) => readonly string[];
	/** Runs a command on that machine. */
	readonly run: (command: readonly string[], options?: PenOptions) => Promise<PenResult>;
	/** stdout, without the last line end, of a command that must succeed. */
	readonly output: (command: readonly string[], options?: PenOptions) => Promise<string>;
	/** Properties of a unit as `systemctl show` has them; of one that is not there `LoadState` is `not-found`; several values are lines. */
	readonly show: (unit: string) => Promise<Readonly<Record<string, string>>>;
	readonly close: () => Promise<void>;
}

/** Enters the namespaces of the process $1, and of its cgroups the one where systemd itself is. */
const ENTER = `
pid=$1; shift
for each in $(cat "$0"); do
	[ ! -d "$each/init.scope" ] || each=$each/init.scope
	echo $$ > "$each/cgroup.procs"
done
exec nsenter --target "$pid" --mount --pid --cgroup -- sh -c 'cd / && exec "$@"' sh "$@"
`;

/** @param mode `unified`: the machine has cgroup2 alone, with the controllers that are not in v1 hierarchies here */
export async function openSystemd(mode: 'all' | 'unified' = 'all'): Promise<Systemd> {
	const pen = await openPen();
	const script = join(import.meta.dirname, 'systemd-in-pen.sh');
	await pen.output(['sh', '-c', 'sh "$@" >/run/systemd.log 2>&1 &', 'sh', script, pen.dir, mode]);
	const places = readFileSync(join(pen.dir, 'cgroups'), 'utf8')
		.trim()
		.split('\n')
		.map(line => line.split(' ')[1]);
	const list = join(pen.dir, 'places');
	execFileSync('sh', ['-c', 'cat > "$0"', list], {
		input: places.map(at => `${at}/host\n`).join(''),
	});
	const first = await eventually(
		async () => (await pen.run(['pgrep', '--exact', 'systemd'])).stdout.trim().split('\n')[0] ?? '',
		pid => /^\d+$/.test(pid),
	);
	const enter = (command: readonly string[]): readonly string[] => ['sh', '-c', ENTER, list, first, ...command];
	const run: Systemd['run'] = (command, options) => pen.run(enter(command), options);
	await eventually(
		() => run(['busctl', 'status', 'org.freedesktop.systemd1']),
		({ exitCode }) => exitCode === 0,
	);
	const output: Systemd['output'] = async (command, options) => {
		const { exitCode, stdout, stderr } = await run(command, options);
		if (exitCode !== 0) throw new Error(`${command.join(' ')} ended with ${exitCode}: ${stderr}${stdout}`);
		return stdout;
	};
	return {
		pen,
		words: command => pen.words(enter(command)),
		run,
		output,
		show: async unit => {
			const values = new Map<string, string>();
			for (const line of (await output(['systemctl', 'show', '--all', unit])).split('\n')) {
				const [name = '', value = ''] = line.split(/=(.*)/s);
				const before = values.get(name);
				values.set(name, before === undefined ? value : `${before}\n${value}`);
			}
			return Object.fromEntries(values);
		},
		close: pen.close,
	};
}
