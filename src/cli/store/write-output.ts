import { once } from 'node:events';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { TsrunError } from '../../core/errors.ts';
import { attempt } from '../../core/system-failure.ts';

/**
 * Hands `produce` a sink: the file, which appears when it is complete, or standard output, which must not be a terminal.
 * @throws TsrunError TSRUN_USAGE, TSRUN_OUTPUT
 */
export async function writeOutput(
	file: string | undefined,
	produce: (write: (chunk: Buffer) => Promise<void>) => Promise<void>,
): Promise<void> {
	if (file === undefined) {
		if (process.stdout.isTTY) {
			throw new TsrunError('TSRUN_USAGE', 'an archive is not written to a terminal', {
				hint: 'use -o FILE, or redirect standard output',
			});
		}
		return produce(async chunk => {
			if (!process.stdout.write(chunk)) await once(process.stdout, 'drain');
		});
	}
	// a device or a pipe is written to as it is
	const isSpecial = statSync(file, { throwIfNoEntry: false })?.isFile() === false;
	const path = isSpecial ? file : `${file}.${process.pid}.part`;
	const failure = { code: 'TSRUN_OUTPUT', action: `write ${file}` } as const;
	const fd = attempt(failure, () => openSync(path, isSpecial ? 'w' : 'wx', 0o600));
	try {
		await produce(async chunk =>
			attempt(failure, () => {
				for (let done = 0; done < chunk.length; ) done += writeSync(fd, chunk, done);
			}),
		);
		if (isSpecial) return;
		attempt(failure, () => {
			fsyncSync(fd);
			renameSync(path, file);
		});
	} catch (error) {
		if (!isSpecial) rmSync(path, { force: true });
		throw error;
	} finally {
		closeSync(fd);
	}
}
