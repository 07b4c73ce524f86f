import { execa } from 'execa';
import { expect, it } from 'vitest';
import { TsrunError } from '../../src/core/errors.ts';
import { parseReference } from '../../src/image/parse-reference.ts';

const PIECES = [
	'a',
	'b0',
	'Z',
	'.',
	'_',
	'__',
	'___',
	'-',
	'--',
	'/',
	'/',
	':',
	'localhost',
	'docker.io',
	'library/',
	':5000/',
	'x.y/',
];
const GIVEN = [
	'busybox',
	'busybox:1',
	'docker.io/busybox',
	'index.docker.io/library/busybox:x',
	'h:5000/a/b:c',
	'h:99999/a',
	'[::1]:5000/a',
	'a'.repeat(64),
	'a'.repeat(63),
	`a:${'t'.repeat(128)}`,
	`a:${'t'.repeat(129)}`,
	'a:-b',
	'a:b.c_d-e',
	'foo:bar/baz',
	'a..b',
	'a.b_c--d',
];

/** Always the same texts (xorshift). */
function texts(count: number): readonly string[] {
	let state = 0x2545f491;
	const next = (limit: number): number => {
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		return (state >>> 0) % limit;
	};
	return Array.from({ length: count }, () =>
		Array.from({ length: 1 + next(5) }, () => PIECES[next(PIECES.length)] ?? '').join(''),
	);
}

/**
 * Where tsrun follows the grammar of today and skopeo 1.9 that of 2019: addresses of IPv6, and a capital letter in the first part, which
 * makes it a registry. And a port that cannot be.
 */
const differs = (text: string): boolean =>
	text.includes('[') || /^[^/:.]*[A-Z][^/]*\//.test(text) || /:([0-9]{6,}|[7-9][0-9]{4})\//.test(text);

async function takenBySkopeo(text: string): Promise<boolean> {
	const { stderr } = await execa('skopeo', ['copy', 'oci:/nonexistent', `docker-archive:/nonexistent.tar:${text}`], {
		reject: false,
	});
	if (stderr.includes('open /nonexistent/index.json')) return true;
	if (/parsing reference|invalid image name|repository name must/i.test(stderr)) return false;
	throw new Error(`skopeo says of ${text}: ${stderr}`);
}

function taken(text: string): boolean {
	try {
		const reference = parseReference(text);
		return reference.kind === 'name' && reference.name !== '';
	} catch (error) {
		if (error instanceof TsrunError) return false;
		throw error;
	}
}

it('a name is taken or refused as by skopeo, which uses docker’s own parser', async () => {
	const all = [...new Set([...GIVEN, ...texts(600)])].filter(text => !differs(text));
	const answers: (readonly [string, boolean])[] = [];
	const queue = [...all];
	const worker = async (): Promise<void> => {
		for (let text = queue.shift(); text !== undefined; text = queue.shift()) {
			answers.push([text, await takenBySkopeo(text)]);
		}
	};
	await Promise.all([worker(), worker(), worker()]);
	expect(answers.filter(([text, answer]) => answer !== taken(text))).toEqual([]);
	expect(answers.filter(([, answer]) => answer).length).toBeGreaterThan(30);
	expect(answers.filter(([, answer]) => !answer).length).toBeGreaterThan(30);
});
