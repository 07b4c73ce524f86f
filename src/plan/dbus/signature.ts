const BASIC = 'ybnqiuxtdsogv';
/** D-Bus specification, "Valid Signatures". */
const MAX_LENGTH = 255;
const MAX_DEPTH = 32;

/**
 * Splits a signature into its complete types: `sa(ss)v` → `s`, `a(ss)`, `v`.
 * @throws Error where it is no signature
 */
export function completeTypes(signature: string): readonly string[] {
	if (signature.length > MAX_LENGTH) throw new Error(`the D-Bus signature has ${signature.length} characters`);
	const types: string[] = [];
	for (let at = 0; at < signature.length; ) {
		const end = endOfType(signature, at, 0);
		types.push(signature.slice(at, end));
		at = end;
	}
	return types;
}

/** Where the complete type ends that begins at a place. */
function endOfType(signature: string, at: number, depth: number): number {
	const letter = signature[at];
	if (letter === undefined || depth > MAX_DEPTH) throw bad(signature);
	if (BASIC.includes(letter)) return at + 1;
	if (letter === 'a') return endOfType(signature, at + 1, depth + 1);
	const close = { '(': ')', '{': '}' }[letter];
	if (close === undefined) throw bad(signature);
	let end = at + 1;
	while (signature[end] !== close) end = endOfType(signature, end, depth + 1);
	if (end === at + 1) throw bad(signature);
	return end + 1;
}

/** To how many bytes a type is aligned ("Summary of D-Bus Marshalling"). */
export function alignmentOf(type: string): 1 | 2 | 4 | 8 {
	const letter = type[0] ?? '';
	if ('ygv'.includes(letter)) return 1;
	if ('nq'.includes(letter)) return 2;
	return 'xtd({'.includes(letter) ? 8 : 4;
}

const bad = (signature: string): Error => new Error(`${JSON.stringify(signature)} is no D-Bus signature`);
