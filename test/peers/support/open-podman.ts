import { engineImage } from './engine-image.ts';
import { openPen, type Pen, type PenOptions, type PenResult } from './open-pen.ts';
import type { OciRuntime } from './runtimes.ts';

/** Podman in a pen, with an image. */
export interface Podman {
	readonly pen: Pen;
	/** The words that run podman, without those of the pen. */
	readonly command: (words: readonly string[]) => readonly string[];
	readonly podman: (words: readonly string[], options?: PenOptions) => Promise<PenResult>;
	/** stdout of a command that must succeed. */
	readonly output: (words: readonly string[], options?: PenOptions) => Promise<string>;
}

/** CAP_SYS_RESOURCE is often missing where tests run, and without it the limits of a container cannot be above one's own. */
const CONFIGURATION = `
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
netns = "none"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime_supports_json = ["runc", "tsrun"]
infra_image = "localhost/witness:latest"
infra_command = "/bin/stay"
`;

export async function openPodman(runtime: OciRuntime): Promise<Podman> {
	const pen = await openPen();
	await pen.output(['sh', '-c', 'cat > /etc/containers/containers.conf'], { input: CONFIGURATION });
	await pen.output(['podman', 'load', '--quiet', '--input', await engineImage(pen.dir, 'docker-archive')]);
	const command: Podman['command'] = words => ['podman', '--runtime', runtime.path, ...words];
	return {
		pen,
		command,
		podman: (words, options) => pen.run(command(words), options),
		output: (words, options) => pen.output(command(words), options),
	};
}
