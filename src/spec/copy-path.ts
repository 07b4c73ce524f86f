import { badFlag } from './bad-flag.ts';

/** One end of `cp`: a path in a container, a path here, or standard input and output. */
export type CopyPath =
	| { readonly kind: 'container'; readonly container: string; readonly path: string }
	| { readonly kind: 'local'; readonly path: string }
	| { readonly kind: 'stream' };

/**
 * Reads docker's `CONTAINER:PATH`; a path that begins with `/` or `.` is one of the host whatever colons it has.
 * @throws TsrunError TSRUN_BAD_FLAG
 */
export function parseCopyPath(text: string): CopyPath {
	if (text === '-') return { kind: 'stream' };
	const colon = text.indexOf(':');
	if (text.startsWith('/') || text.startsWith('.') || colon === -1) return localPath(text);
	const [container, path] = [text.slice(0, colon), text.slice(colon + 1)];
	if (container === '' || path === '') {
		throw badFlag('cp', text, { problem: 'is not CONTAINER:PATH', example: 'cp web:/etc/hosts .' });
	}
	return { kind: 'container', container, path };
}

function localPath(path: string): CopyPath {
	if (path === '') throw badFlag('cp', path, { problem: 'is no path', example: 'cp web:/etc/hosts .' });
	return { kind: 'local', path };
}
