import { statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { TsrunError } from '../../core/errors.ts';
import { systemWords } from '../../core/system-failure.ts';
import type { DumpFlags } from '../../plan/criu/criu-options.ts';

type ParentFlags = Pick<DumpFlags, 'imagePath'> & Partial<Pick<DumpFlags, 'parentPath'>>;

/** The images of an earlier pre-dump, which CRIU would miss only at the end. @throws TsrunError TSRUN_BAD_FLAG */
export function requireParentImages({ parentPath, imagePath }: ParentFlags): void {
	if (parentPath === undefined || parentPath === '') return;
	if (isAbsolute(parentPath)) {
		throw badPath(`--parent-path must be relative: ${parentPath}`, `it counts from --image-path, ${imagePath}`);
	}
	const path = join(imagePath, parentPath);
	if (!isDirectory(path)) throw badPath(`invalid --parent-path: ${path} is not a directory`);
}

function isDirectory(path: string): boolean {
	try {
		return statSync(path).isDirectory();
	} catch (error) {
		const words = systemWords(error);
		if (words === undefined) throw error;
		throw badPath(`invalid --parent-path: ${path}: ${words}`);
	}
}

const badPath = (message: string, hint?: string): TsrunError =>
	new TsrunError('TSRUN_BAD_FLAG', message, { exitCode: 1, ...(hint === undefined ? {} : { hint }) });
