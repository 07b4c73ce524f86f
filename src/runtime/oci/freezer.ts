import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TsrunError } from '../../core/errors.ts';

type Cgroups = Readonly<Record<string, string>>;

const TIMEOUT_MS = 10_000;
const POLL_MS = 1;
/** A v1 cgroup in which processes keep appearing may never come to rest; a pause in between helps. */
const THAW_EVERY = 50;
const THAW_MS = 10;

/** Whether the processes of a container are frozen: cgroup.freeze of cgroup2, freezer.state of v1 (cgroups(7)). */
export function isFrozen(cgroups: Cgroups): boolean {
	const { unified, freezer } = cgroups;
	if (unified !== undefined && readText(join(unified, 'cgroup.freeze')).startsWith('1')) return true;
	return freezer !== undefined && readText(join(freezer, 'freezer.state')).startsWith('FR');
}

/**
 * Stops every process of a container, and returns when all of them stand still. By cgroup2 where there is one, since what it
 * freezes can be killed all the same.
 * @throws TsrunError TSRUN_FREEZER; nothing is frozen then
 */
export function freeze({ unified, freezer }: Cgroups): void {
	const modern = unified === undefined ? undefined : join(unified, 'cgroup.freeze');
	try {
		if (modern !== undefined && existsSync(modern)) freezeV2(unified ?? '', modern);
		else if (freezer !== undefined) freezeV1(join(freezer, 'freezer.state'));
		else throw noFreezer();
	} catch (error) {
		thaw({ ...(unified === undefined ? {} : { unified }), ...(freezer === undefined ? {} : { freezer }) });
		throw error;
	}
}

/** Lets the processes of a container go on, whichever freezer holds them. */
export function thaw({ unified, freezer }: Cgroups): void {
	if (unified !== undefined) writeIfThere(join(unified, 'cgroup.freeze'), '0');
	if (freezer !== undefined) writeIfThere(join(freezer, 'freezer.state'), 'THAWED');
}

function freezeV2(directory: string, file: string): void {
	writeFileSync(file, '1', { flag: 'r+' });
	waitUntil(() => /^frozen 1$/m.test(readFileSync(join(directory, 'cgroup.events'), 'latin1')));
}

function freezeV1(file: string): void {
	let tries = 0;
	waitUntil(() => {
		if (++tries % THAW_EVERY === 0) {
			writeFileSync(file, 'THAWED', { flag: 'r+' });
			sleep(THAW_MS);
		}
		writeFileSync(file, 'FROZEN', { flag: 'r+' });
		return readFileSync(file, 'latin1').trim() === 'FROZEN';
	});
}

function waitUntil(isDone: () => boolean): void {
	const deadline = Date.now() + TIMEOUT_MS;
	while (!isDone()) {
		if (Date.now() > deadline) {
			throw new TsrunError('TSRUN_FREEZER', 'unable to freeze: the processes of the container do not come to rest', {
				hint: 'one of them hangs in the kernel: look for state D in ps',
				exitCode: 1,
			});
		}
		sleep(POLL_MS);
	}
}

function noFreezer(): TsrunError {
	return new TsrunError('TSRUN_FREEZER', 'cannot toggle freezer: cgroups not configured for container', {
		hint: 'this host has neither the freezer of cgroup v1 nor that of cgroup v2 (Linux 5.2)',
		exitCode: 1,
	});
}

function sleep(milliseconds: number): void {
	Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

function writeIfThere(path: string, text: string): void {
	try {
		writeFileSync(path, text, { flag: 'r+' });
	} catch (error) {
		if (!['ENOENT', 'ENODEV'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
	}
}

function readText(path: string): string {
	try {
		return readFileSync(path, 'latin1');
	} catch {
		return '';
	}
}
