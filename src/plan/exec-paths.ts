const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The files that execvp(3) would try for `command`, in order, with the PATH of the container's own environment (the first, as getenv(3) has it). */
export function execPaths(command: string, env: readonly string[]): readonly string[] {
	if (command === '') return [];
	if (command.includes('/')) return [command];
	const path = env.find(entry => entry.startsWith('PATH='))?.slice('PATH='.length) ?? DEFAULT_PATH;
	return path.split(':').map(directory => (directory === '' ? `./${command}` : `${directory}/${command}`));
}
