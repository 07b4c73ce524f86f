import { describe, expect, it } from 'vitest';
import { asString, MAX_DOCUMENT_BYTES, parseDocument, property, required } from '../../../src/oci/json-field.ts';

const document = (text: string) => () => parseDocument(Buffer.from(text), 'the document');

describe('a JSON document of an image', () => {
	it.each([
		['is longer than the limit (CVE-2023-25153)', ' '.repeat(MAX_DOCUMENT_BYTES + 1), 'the limit is 4194304'],
		['is not JSON', '{', 'is not JSON'],
		['is empty', '', 'is not JSON'],
		['is nested too deeply (CVE-2026-53493)', '['.repeat(40) + ']'.repeat(40), 'nested more than 32 levels'],
	])('that %s is refused', (_, text, message) => {
		expect(document(text)).toThrow(
			expect.objectContaining({ code: 'TSRUN_BAD_IMAGE', message: expect.stringContaining(message) }),
		);
	});

	it('that is not UTF-8 is refused', () => {
		expect(() => parseDocument(Buffer.from([0x22, 0xff, 0x22]), 'x')).toThrow('is not JSON');
	});

	it('takes null for an absent value', () => {
		expect(property(document('{"a":null}')(), 'a')).toBeUndefined();
	});

	it('does not take a property of every object for one of its own', () => {
		expect(property(document('{}')(), 'constructor')).toBeUndefined();
		expect(property(document('{"__proto__":{"a":1}}')(), 'a')).toBeUndefined();
	});

	it('refuses a string with a NUL, which would end early in a system call', () => {
		expect(() => asString(required(document('{"a":"b\\u0000c"}')(), 'a'))).toThrow('/a must be a string without NUL');
	});
});
