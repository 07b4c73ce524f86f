import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { cgroupLayout } from '../../../src/host/cgroup-layout.ts';
import { parseMountinfo } from '../../../src/host/parse-mountinfo.ts';
import { parseProcCgroup } from '../../../src/host/parse-proc-cgroup.ts';
import { SLOWNESS } from '../../kernel/support/slowness.ts';

export interface PenResult {
	/** As a shell counts; 124 where the command was killed since it took too long. */
	readonly exitCode: number;
	readonly stdout: string;
	readonly stderr: string;
}

export interface PenOptions {
	readonly input?: string;
	readonly env?: Readonly<Record<string, string>>;
	/** 30 s unless told. */
	readonly timeoutMs?: number;
}

/**
 * A machine of its own for an engine: namespaces for everything but users, with empty /run, and layers above /etc and /var/lib
 * that nobody else sees. What is started in it ends with it.
 */
export interface Pen {
	/** On the machine, and at the same place inside. */
	readonly dir: string;
	/** The words that run a command inside. */
	readonly words: (command: readonly string[]) => readonly string[];
	readonly run: (command: readonly string[], options?: PenOptions) => Promise<PenResult>;
	/** stdout, without the last line end, of a command that must succeed. */
	readonly output: (command: readonly string[], options?: PenOptions) => Promise<string>;
	/** The path, on the machine, of a file inside. */
	readonly path: (inside: string) => string;
	/** Cgroups below the pen's own, relative to them. */
	readonly cgroups: () => readonly string[];
	readonly close: () => Promise<void>;
}

interface Hierarchy {
	readonly cgroup: string;
	readonly mountpoint: string;
	readonly type: 'cgroup' | 'cgroup2';
	readonly options: string;
}

export async function openPen(): Promise<Pen> {
	const dir = mkdtempSync(join(tmpdir(), 'tsrun-pen-'));
	const hierarchies = hierarchiesFor(basename(dir));
	for (const { cgroup, type } of hierarchies) makeCgroup(cgroup, type);
	const lines = hierarchies.map(
		({ cgroup, mountpoint, type, options }) => `${cgroup} ${mountpoint} ${type} ${options}\n`,
	);
	writeFileSync(join(dir, 'cgroups'), lines.join(''));
	const keeper = spawn('sh', [join(import.meta.dirname, 'pen.sh'), dir], { stdio: ['ignore', 'pipe', 'pipe'] });
	let problem = '';
	keeper.stderr.on('data', (text: Buffer) => {
		problem += text.toString();
	});
	const ended = once(keeper, 'close');
	await Promise.race([once(keeper.stdout, 'data'), ended]);
	if (keeper.exitCode !== null) throw new Error(`no pen: ${problem}`);
	const first = readFileSync(`/proc/${keeper.pid}/task/${keeper.pid}/children`, 'utf8').trim();
	const words: Pen['words'] = command => ['sh', join(import.meta.dirname, 'in-pen.sh'), dir, first, ...command];
	const run: Pen['run'] = async (command, { input, env = {}, timeoutMs = 30_000 } = {}) => {
		const [program = '', ...args] = words(command);
		const child = execa(program, args, {
			reject: false,
			detached: true,
			env: { HOME: '/root', TMPDIR: '/run', ...env },
			...(input === undefined ? { stdin: 'ignore' as const } : { input }),
		});
		const { pid } = child;
		// The command is a grandchild, which a time limit of execa's would leave alone, with the pipes open.
		const timer = setTimeout(() => pid === undefined || process.kill(-pid, 'SIGKILL'), timeoutMs * SLOWNESS);
		const { exitCode, stdout, stderr } = await child;
		clearTimeout(timer);
		return { exitCode: exitCode ?? 124, stdout, stderr };
	};
	return {
		dir,
		words,
		run,
		output: async (command, options) => {
			const { exitCode, stdout, stderr } = await run(command, options);
			if (exitCode !== 0) throw new Error(`${command.join(' ')} ended with ${exitCode}: ${stderr}${stdout}`);
			return stdout;
		},
		path: inside => join('/proc', first, 'root', inside),
		cgroups: () => hierarchies.flatMap(({ cgroup }) => cgroupsBelow(cgroup)),
		close: async () => {
			keeper.kill('SIGKILL');
			await ended;
			for (const { cgroup } of hierarchies) await removeCgroup(cgroup);
			rmSync(dir, { recursive: true, force: true });
		},
	};
}

/** One cgroup in each hierarchy of this machine, below that of this process. */
function hierarchiesFor(name: string): readonly Hierarchy[] {
	const mounts = parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'));
	const { unified, hierarchies } = cgroupLayout(mounts, parseProcCgroup(readFileSync('/proc/self/cgroup', 'utf8')));
	const place = (mountpoint: string, root: string, self: string): string =>
		join(mountpoint, root === '/' ? self : self.slice(root.length), name);
	return [
		...hierarchies.map(({ mountpoint, root, self, controllers }) => {
			const named = controllers.some(controller => controller.startsWith('name='));
			const options = [...(named ? ['none'] : []), ...controllers].join(',');
			return { cgroup: place(mountpoint, root, self), mountpoint, type: 'cgroup' as const, options };
		}),
		...(unified === undefined
			? []
			: [
					{
						cgroup: place(unified.mountpoint, unified.root, withControllers(unified.mountpoint, unified.self)),
						mountpoint: unified.mountpoint,
						type: 'cgroup2' as const,
						options: 'rw',
					},
				]),
	];
}

/** The nearest cgroup of cgroup2 whose children have controllers, the own one where there is none. */
function withControllers(mountpoint: string, self: string): string {
	for (let path = self; ; path = dirname(path)) {
		const controllers = readFileSync(join(mountpoint, path, 'cgroup.subtree_control'), 'utf8').trim();
		if (controllers !== '') return path;
		if (path === '/') return self;
	}
}

function makeCgroup(cgroup: string, type: Hierarchy['type']): void {
	mkdirSync(cgroup);
	if (type === 'cgroup2' || !readdirSync(cgroup).includes('cpuset.cpus')) return;
	for (const file of ['cpuset.cpus', 'cpuset.mems'])
		writeFileSync(join(cgroup, file), readFileSync(join(cgroup, '..', file)));
}

function cgroupsBelow(cgroup: string, path = ''): readonly string[] {
	const names = readdirSync(join(cgroup, path), { withFileTypes: true }).filter(entry => entry.isDirectory());
	return names.flatMap(({ name }) => [join(path, name), ...cgroupsBelow(cgroup, join(path, name))]);
}

/** The last process of a cgroup leaves it a moment after it was killed. */
async function removeCgroup(cgroup: string): Promise<void> {
	const paths = [...cgroupsBelow(cgroup)].reverse().map(path => join(cgroup, path));
	for (const path of [...paths, cgroup]) {
		for (let attempt = 0; ; attempt++) {
			try {
				rmdirSync(path);
				break;
			} catch (error) {
				if (attempt === 100) throw error;
				await sleep(20);
			}
		}
	}
}
