/** Of variables that are set more than once the last, as runc has it: what libc's getenv finds is the first of several. */
export function uniqueEnvironment(env: readonly string[]): readonly string[] {
	const names = env.map(nameOf);
	return env.filter((_, index) => names.lastIndexOf(names[index] ?? '') === index);
}

const nameOf = (entry: string): string => entry.split('=', 1)[0] ?? '';
