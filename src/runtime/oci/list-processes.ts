import { spawnSync } from 'node:child_process';
import { TsrunError } from '../../core/errors.ts';
import { openStateDirectory } from '../../state/state-directory.ts';
import { containerCgroups } from './container-cgroups.ts';
import { findBundleContainer } from './find-bundle-container.ts';
import { pidsOf } from './kill-container.ts';

/** Neither the caller's environment nor anything of the container has a say in which program lists processes (CVE-2022-1227). */
const ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' };
const LARGEST_OUTPUT = 64 * 1024 ** 2;

/** runc's `ps --format json`: the pids of a container on the host, ascending. */
export function pidsOfContainer(stateRoot: string, container: string): readonly number[] {
	const record = findBundleContainer(openStateDirectory(stateRoot), container);
	return [...pidsOf(containerCgroups(record))].sort((a, b) => a - b);
}

/**
 * runc's `ps`: what ps(1) of the host says of the processes of a container.
 * @param words for ps; `-ef` where there is none
 * @throws TsrunError TSRUN_PS
 */
export function tableOfProcesses(stateRoot: string, container: string, words: readonly string[]): string {
	const pids = pidsOfContainer(stateRoot, container);
	const [head = '', ...lines] = runPs(words.length === 0 ? ['-ef'] : words).split('\n');
	const column = head.split(/\s+/).filter(Boolean).indexOf('PID');
	if (column < 0) {
		throw new TsrunError('TSRUN_PS', "couldn't find PID field in ps output", {
			hint: `add it to what ps shows: ${words.join(' ')} -o pid`,
			exitCode: 1,
		});
	}
	const own = lines.filter(line => pids.includes(Number(line.split(/\s+/).filter(Boolean)[column])));
	return `${[head, ...own].join('\n')}\n`;
}

function runPs(words: readonly string[]): string {
	const { status, stdout, stderr, error } = spawnSync('ps', words, {
		env: ENVIRONMENT,
		stdio: ['ignore', 'pipe', 'pipe'],
		encoding: 'utf8',
		maxBuffer: LARGEST_OUTPUT,
	});
	if (error !== undefined) {
		throw new TsrunError('TSRUN_PS', `cannot run ps: ${error.message}`, {
			hint: 'it is looked for in /usr/bin and /bin (package procps); --format json needs none',
			exitCode: 1,
		});
	}
	if (status === 0) return stdout;
	throw new TsrunError('TSRUN_PS', `ps ended with ${status}: ${(stderr || stdout).trim().split('\n')[0] ?? ''}`, {
		exitCode: 1,
	});
}
