import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseDigest } from '../../core/brands.ts';
import { parseDocument } from '../../oci/json-field.ts';
import type { Store } from '../../store/open-store.ts';
import { listEntries } from '../../store/stored-images.ts';
import { type ResolvedImage, readResolved } from '../resolved-image.ts';
import { imageContent, imageUses, readStoredConfig } from '../store-content.ts';
import { type Finding, found } from './finding.ts';

/** What `run` reads of an image instead of its documents must say what they say. It is made again when it is missing. */
export async function checkResolved(store: Store, isRepairing: boolean): Promise<readonly Finding[]> {
	const findings: Finding[] = [];
	for (const name of readdirSync(store.resolved)) {
		const problem = problemOf(store, name);
		if (problem === undefined) continue;
		const path = join(store.resolved, name);
		findings.push(
			await found({ kind: 'damage', what: `resolved/${name}`, problem }, isRepairing, {
				text: 'removed; it is made again when it is needed',
				perform: () => rmSync(path, { recursive: true, force: true }),
			}),
		);
	}
	return findings;
}

function problemOf(store: Store, name: string): string | undefined {
	let image: ResolvedImage | undefined;
	try {
		const manifest = parseDigest(`sha256:${name.replace(/\.json$/, '')}`);
		const bytes = readFileSync(join(store.resolved, name));
		parseDocument(bytes, `resolved/${name}`);
		image = readResolved(store, manifest);
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : (error as Error).message;
	}
	if (image === undefined) {
		// of an image that is gone it is garbage, and found as that
		return existsSync(join(store.resolved, name)) && isNeeded(store, name)
			? 'names layers that are not there'
			: undefined;
	}
	return contradiction(store, image);
}

function isNeeded(store: Store, name: string): boolean {
	const manifest = `sha256:${name.replace(/\.json$/, '')}`;
	return [...listEntries(store), ...imageUses(store)].some(({ digest }) => digest === manifest);
}

function contradiction(store: Store, image: ResolvedImage): string | undefined {
	try {
		const config = readStoredConfig(store, image.manifestDigest);
		if (JSON.stringify(config) !== JSON.stringify(image.config)) return 'has another configuration than its image';
		const content = imageContent(store, image.manifestDigest);
		return [image.configDigest, ...image.layers].every(each => content.includes(each))
			? undefined
			: 'has other layers than its image';
	} catch {
		// the image is gone, or damaged, which is found elsewhere
		return undefined;
	}
}
