import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { keyedNumbers } from '../../stats/control-file.ts';

/** How often the kernel has killed in these cgroups: memory.oom_control of v1 (Linux 4.13), memory.events of cgroup2. */
export function oomKills({ memory, unified }: Readonly<Record<string, string>>): bigint {
	const file = memory === undefined ? join(unified ?? '', 'memory.events') : join(memory, 'memory.oom_control');
	try {
		return keyedNumbers(readFileSync(file, 'latin1')).get('oom_kill') ?? 0n;
	} catch {
		return 0n;
	}
}
