import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs';
import { errnoWords } from '../../core/errno.ts';
import { TsrunError } from '../../core/errors.ts';
import { systemWords } from '../../core/system-failure.ts';
import { printable } from '../../explain/printable.ts';
import { stepAction } from '../../explain/step-action.ts';
import { stepHint } from '../../explain/step-hint.ts';
import type { StepOf } from '../../plan/step.ts';

type Write = StepOf<'write'>;

/**
 * Writes control files one after the other. Where one is refused, those before it get back what was in them.
 * @throws TsrunError TSRUN_STEP_FAILED
 */
export function performWrites(writes: readonly Write[]): void {
	const undo: Write[] = [];
	for (const write of writes) {
		const before = contentOf(write.path);
		try {
			perform(write);
		} catch (error) {
			for (const each of undo.reverse()) restore(each);
			throw refusal(write, error);
		}
		if (before !== undefined) undo.push({ ...write, data: before });
	}
}

function perform({ path, data, tolerate = [] }: Write): void {
	try {
		const fd = openSync(path, constants.O_WRONLY | constants.O_NOFOLLOW);
		try {
			// An empty value is a write too, which empties a list.
			writeSync(fd, typeof data === 'string' ? Buffer.from(data) : data);
		} finally {
			closeSync(fd);
		}
	} catch (error) {
		if (!tolerate.includes(errnoOf(error))) throw error;
	}
}

/** What a file had cannot always be written as it is read (io.max); then the newer value stays. */
function restore(write: Write): void {
	try {
		perform(write);
	} catch (error) {
		if (systemWords(error) === undefined) throw error;
	}
}

function contentOf(path: string): string | undefined {
	try {
		return readFileSync(path, 'latin1').trimEnd();
	} catch {
		return undefined;
	}
}

const errnoOf = (error: unknown): number => Math.abs((error as NodeJS.ErrnoException).errno ?? 0);

function refusal(write: Write, error: unknown): unknown {
	if (systemWords(error) === undefined) return error;
	const errno = errnoOf(error);
	const where = write.from === undefined ? '' : ` (${write.from})`;
	const hint = stepHint(write, errno);
	return new TsrunError(
		'TSRUN_STEP_FAILED',
		printable(`cannot ${stepAction(write)}${where}: ${errnoWords(errno)}`),
		hint === undefined ? {} : { hint: printable(hint) },
	);
}
