import { closeSync, openSync, readdirSync, readlinkSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { encodePlan } from '../../src/native/encode.ts';
import { spawnMachine } from '../../src/native/machine.ts';
import { emptyProgress } from '../../src/native/progress.ts';

const plan = encodePlan({ version: 1, cloneFlags: 0, setup: [], init: [], teardown: [] });

async function runNothing(): Promise<number> {
	const path = join(tmpdir(), `tsrun-machine-${process.pid}`);
	const progressFd = openSync(path, 'wx+');
	const devNull = openSync('/dev/null', 'r+');
	try {
		writeSync(progressFd, emptyProgress());
		return await spawnMachine({ plan, progressFd }, [devNull, devNull, devNull]);
	} finally {
		closeSync(progressFd);
		closeSync(devNull);
		rmSync(path);
	}
}

const linkOf = (fd: string): string => {
	try {
		return readlinkSync(`/proc/self/fd/${fd}`);
	} catch {
		return '';
	}
};

const memoryFiles = (): readonly string[] =>
	readdirSync('/proc/self/fd')
		.map(linkOf)
		.filter(link => link.startsWith('/memfd:'));

it('machines of one process run from one sealed copy of the program, and leave nothing else open', async () => {
	for (let run = 0; run < 2; run++) {
		expect(await runNothing()).toBe(255);
		expect(memoryFiles()).toEqual(['/memfd:tsrun-init (deleted)']);
	}
});
