import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { type HostState, leftovers, readHostState } from '../support/leftovers.ts';
import { type Listed, listContainers } from '../support/list-containers.ts';
import { createSandbox, runTsrun, type Sandbox, type TsrunOptions } from '../support/run-tsrun.ts';
import { SLOWNESS } from '../support/slowness.ts';
import { witnessImage } from '../support/witness-image.ts';

export interface BoxOptions {
	/** Whether the host is compared after each test; unless told, it is. */
	readonly isAudited?: boolean;
	/** Words before each command. */
	readonly wrapper?: readonly string[];
}

/** A sandbox with an image `box`, which has busybox and the user `guest`. After each test its containers are removed, whatever they do. */
export function openBox({ isAudited = true, wrapper = [] }: BoxOptions = {}) {
	const sandbox = createSandbox();
	const commands = commandsOf(sandbox, wrapper);
	const { tsrun, output } = commands;
	let before: HostState;
	beforeAll(async () => {
		await output('load', await witnessImage(`${sandbox.dir}/image`, { busybox: true, config: { Entrypoint: [] } }));
		await output('tag', (await output('images', '-q')).split('\n')[0] ?? '', 'box');
	});
	beforeEach(() => {
		if (isAudited) before = readHostState(sandbox);
	});
	afterEach(async () => {
		const ids = (await output('ps', '-aq', '--no-trunc')).split('\n').filter(Boolean);
		for (const id of ids) await tsrun(['rm', '-f', id]);
		if (isAudited) expect(await leftovers(sandbox, before)).toEqual([]);
	});
	afterAll(() => sandbox.remove());
	return {
		sandbox,
		...commands,
		/** A container in the background that runs a script. @returns its id */
		shell: (name: string, script: string, ...flags: readonly string[]) =>
			output('run', '-d', '--name', name, ...flags, 'box', 'sh', '-c', script),
	};
}

/** The command line in a sandbox, for containers that go on without it. */
export function commandsOf(sandbox: Sandbox, wrapper: readonly string[] = []) {
	const tsrun = (words: readonly string[], options?: TsrunOptions) => runTsrun(sandbox, words, { wrapper, ...options });
	return {
		tsrun,
		/** What a command prints on stdout; it must not fail. */
		async output(...words: readonly string[]): Promise<string> {
			const { exitCode, stdout, stderr } = await tsrun(words);
			if (exitCode !== 0) throw new Error(`tsrun ${words.join(' ')} ended with ${exitCode}: ${stderr}`);
			return stdout.trimEnd();
		},
		/** The status of a container as `ps -a` has it; undefined where there is none. */
		async statusOf(name: string): Promise<Listed | undefined> {
			return (await listContainers(sandbox, { wrapper })).find(each => each.name === name);
		},
	};
}

/** Waits until something is so, at most ten seconds of a common machine. */
export async function until(what: string, isSo: () => Promise<boolean> | boolean): Promise<void> {
	const deadline = Date.now() + 10_000 * SLOWNESS;
	while (!(await isSo())) {
		if (Date.now() > deadline) throw new Error(`it did not come to this: ${what}`);
		await sleep(20);
	}
}
