import type { Systemd } from '../../kernel/support/open-systemd.ts';
import { engineImage } from './engine-image.ts';
import { eventually } from './eventually.ts';
import { openPen, type Pen, type PenOptions, type PenResult } from './open-pen.ts';
import type { OciRuntime } from './runtimes.ts';

/** dockerd in a pen, with an image, and the client of the same package. */
export interface Docker {
	readonly pen: Pen;
	/** The words that run docker, without those of the pen. */
	readonly command: (words: readonly string[]) => readonly string[];
	readonly docker: (words: readonly string[], options?: PenOptions) => Promise<PenResult>;
	/** stdout of a command that must succeed. */
	readonly output: (words: readonly string[], options?: PenOptions) => Promise<string>;
	/** What the daemon has written. */
	readonly log: () => Promise<string>;
}

/** Not the first in PATH: the client must be as old as the daemon. */
const CLIENT = '/usr/bin/docker';

/** @param systemd a machine with systemd, where the daemon gets its systemd driver */
export async function openDocker(runtime: OciRuntime, systemd?: Systemd): Promise<Docker> {
	const pen = systemd?.pen ?? (await openPen());
	const machine = systemd ?? pen;
	const configuration = {
		runtimes: { peer: { path: runtime.path } },
		'default-runtime': 'peer',
		bip: '172.31.0.1/24',
		...(systemd === undefined ? {} : { 'exec-opts': ['native.cgroupdriver=systemd'] }),
		'default-address-pools': [{ base: '172.31.128.0/17', size: 24 }],
	};
	await machine.output(['sh', '-c', 'cat > /etc/docker/daemon.json'], { input: JSON.stringify(configuration) });
	await machine.output(['sh', '-c', 'dockerd > /run/dockerd.log 2>&1 &']);
	const command: Docker['command'] = words => [CLIENT, ...words];
	const docker: Docker['docker'] = (words, options) => machine.run(command(words), options);
	await eventually(
		() => docker(['version']),
		({ exitCode }) => exitCode === 0,
	);
	await machine.output(command(['load', '--quiet', '--input', await engineImage(pen.dir, 'docker-archive')]));
	return {
		pen,
		command,
		docker,
		output: (words, options) => machine.output(command(words), options),
		log: () => machine.output(['cat', '/run/dockerd.log']),
	};
}
