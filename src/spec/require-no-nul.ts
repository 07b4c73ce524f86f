import type { RuntimeSpec } from '../oci/runtime-spec.ts';
import { badConfig, pointerPart } from './validate/bad-config.ts';

/**
 * A string of an image or of a file may have a NUL in it, where a system call would end it.
 * @throws TsrunError TSRUN_BAD_CONFIG with the JSON pointer of the string
 */
export function requireNoNul(spec: RuntimeSpec): void {
	// a hundredth of the time of a walk, and nearly never true
	if (!JSON.stringify(spec).includes('\\u0000')) return;
	const pointer = pointerOfNul(spec);
	if (pointer !== undefined) throw badConfig(pointer, 'a string with a NUL byte');
}

function pointerOfNul(value: unknown): string | undefined {
	if (typeof value === 'string') return value.includes('\0') ? '' : undefined;
	if (typeof value !== 'object' || value === null) return undefined;
	for (const [key, each] of Object.entries(value)) {
		const inner = key.includes('\0') ? '' : pointerOfNul(each);
		if (inner !== undefined) return pointerPart(key) + inner;
	}
	return undefined;
}
