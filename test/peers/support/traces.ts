import type { Pen } from './open-pen.ts';

/** What there is of a container in a pen: mounts, cgroups, processes, files of the runtime's state; lines that hold its id. */
export async function traces(pen: Pen, id: string, stateDirectories: readonly string[]): Promise<readonly string[]> {
	const script = `
		grep "$0" /proc/self/mountinfo
		find /sys/fs/cgroup "$@" -name "*$0*" 2>/dev/null
		grep -l "$0" /proc/[0-9]*/cgroup
		true`;
	const lines = await pen.output(['sh', '-c', script, id, ...stateDirectories]);
	return lines === '' ? [] : lines.split('\n');
}
