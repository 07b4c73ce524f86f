import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { TsrunError } from '../core/errors.ts';
import { join } from '../core/paths.ts';
import type { Addon } from './addon.ts';

const BUILDS = ['build/Release', 'build/Debug'];

let loaded: Addon | undefined;

/**
 * The addon, loaded at the first call.
 * @throws TsrunError TSRUN_NO_ADDON, with every path that was tried
 */
export function addon(): Addon {
	loaded ??= load();
	return loaded;
}

/**
 * The path of the static program `tsrun-init`, which executes plans.
 * @throws TsrunError TSRUN_NO_INIT, with every path that was tried
 */
export function initProgramPath(): string {
	const candidates = builtFiles('tsrun-init');
	const found = candidates.find(path => existsSync(path));
	if (found !== undefined) return found;
	throw new TsrunError('TSRUN_NO_INIT', `program tsrun-init is not there: tried ${candidates.join(', ')}`, {
		hint: installHint(),
	});
}

function load(): Addon {
	const failures: string[] = [];
	for (const path of builtFiles('tsrun.node')) {
		const module = { exports: {} };
		try {
			process.dlopen(module, path);
			return module.exports as Addon;
		} catch (error) {
			failures.push((error as Error).message.trim());
		}
	}
	throw new TsrunError('TSRUN_NO_ADDON', `addon tsrun.node cannot be loaded: tried ${failures.join('; ')}`, {
		hint: installHint(),
	});
}

function builtFiles(name: string): readonly string[] {
	return BUILDS.map(build => join(packageRoot(), build, name));
}

function installHint(): string {
	return `npm install in ${packageRoot()} builds it`;
}

/** The nearest folder above this file with a binding.gyp: the same for src, for dist and for a bundle somewhere in the tree. */
function packageRoot(): string {
	root ??= above(import.meta.dirname);
	return root;
}

let root: string | undefined;

function above(folder: string): string {
	return existsSync(join(folder, 'binding.gyp')) || folder === dirname(folder) ? folder : above(dirname(folder));
}
