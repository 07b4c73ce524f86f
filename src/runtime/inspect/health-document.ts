import type { ContainerHealth } from '../health/read-health.ts';
import { LineCutter, parseLogLine } from '../life/log-line.ts';
import { timeText } from './state-document.ts';

/** docker's. */
const SHOWN = 5;
const MAX_OUTPUT = 4096;

/** `.State.Health` of `docker inspect`. @param output what the log of the probes holds, its files one after the other */
export function healthDocument({ status, failingStreak, results }: ContainerHealth, output: Uint8Array): object {
	return {
		Status: status,
		FailingStreak: failingStreak,
		Log: results.slice(-SHOWN).map(({ began, ended, exitCode, problem }, index, shown) => ({
			Start: timeText(began),
			End: timeText(ended),
			ExitCode: exitCode,
			Output: problem ?? outputBetween(output, began, shown[index + 1]?.began),
		})),
	};
}

function outputBetween(output: Uint8Array, from: bigint, to: bigint | undefined): string {
	const [first, last] = [timeText(from), to === undefined ? '~' : timeText(to)];
	const texts = [...new LineCutter().push(output)].flatMap(bytes => {
		const line = parseLogLine(bytes);
		return line !== undefined && line.time >= first && line.time < last ? [line.text] : [];
	});
	return Buffer.concat(texts).subarray(0, MAX_OUTPUT).toString('utf8');
}
