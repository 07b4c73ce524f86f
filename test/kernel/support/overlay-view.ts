import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface OverlayView {
	/** The merged tree, seen through the mount namespace of a helper. */
	readonly path: string;
	readonly close: () => Promise<void>;
}

/**
 * Mounts an overlay in a mount namespace of its own, so that the machine's mounts stay as they are.
 * @param lowerdirs relative to `layers`, top first
 */
export async function mountOverlay(
	layers: string,
	{ lowerdirs, upper, work, merged }: { lowerdirs: readonly string[]; upper: string; work: string; merged: string },
): Promise<OverlayView> {
	for (const path of [upper, work, merged]) mkdirSync(path, { recursive: true });
	const options = `lowerdir=${lowerdirs.join(':')},upperdir=${upper},workdir=${work}`;
	const script = 'cd "$0" && mount -t overlay overlay -o "$1" "$2" && echo ready && exec sleep 600';
	const child = spawn('unshare', ['-m', 'sh', '-c', script, layers, options, merged], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	for await (const line of createInterface({ input: child.stdout })) if (line === 'ready') break;
	if (child.exitCode !== null) throw new Error(`the overlay ${options} could not be mounted`);
	return { path: join(`/proc/${child.pid}/root`, merged), close: () => ended(child) };
}

function ended(child: ChildProcess): Promise<void> {
	return new Promise(resolve => {
		child.once('exit', () => resolve());
		child.kill('SIGKILL');
	});
}
