import { badFlag } from './bad-flag.ts';
import { cpusetProblem } from './cpuset-problem.ts';

/** Checks a list of CPUs or memory nodes. @throws TsrunError TSRUN_BAD_FLAG */
export function parseCpuset(flag: string, text: string): string {
	const problem = cpusetProblem(text);
	if (problem !== undefined) throw badFlag(flag, text, { problem, example: `${flag} 0-1` });
	return text;
}
