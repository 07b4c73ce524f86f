import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TsrunError } from '../../core/errors.ts';
import { attempt } from '../../core/system-failure.ts';
import { readHostFacts } from '../../host/read-host-facts.ts';
import { exampleSpec, rootlessSpec } from '../../spec/example-spec.ts';

/**
 * Writes a config.json to begin with.
 * @throws TsrunError TSRUN_EXISTS where there is one already
 */
export function writeExampleSpec(bundle: string, { isRootless }: { readonly isRootless: boolean }): void {
	const path = join(bundle, 'config.json');
	const { cgroup, uid, gid } = readHostFacts({ paths: [], devices: [] });
	const spec = exampleSpec({ isUnified: cgroup.mode === 'unified' });
	const text = JSON.stringify(isRootless ? rootlessSpec(spec, { uid, gid }) : spec, undefined, '\t');
	if (existsSync(path)) {
		throw new TsrunError('TSRUN_EXISTS', `${path} exists already`, { hint: 'remove it first', exitCode: 1 });
	}
	attempt({ code: 'TSRUN_BUNDLE', action: `write ${path}` }, () => writeFileSync(path, text, { flag: 'wx' }));
}
