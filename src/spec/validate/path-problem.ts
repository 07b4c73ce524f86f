const PATH_MAX = 4096;

/** Why a path inside a container cannot be taken, or undefined: it must be absolute, without `..`, and fit the kernel. */
export function pathProblem(path: string): string | undefined {
	if (!path.startsWith('/')) return 'is not absolute';
	if (path.split('/').includes('..')) return 'has a part ".."';
	return Buffer.byteLength(path) >= PATH_MAX ? `is longer than ${PATH_MAX - 1} bytes` : undefined;
}
