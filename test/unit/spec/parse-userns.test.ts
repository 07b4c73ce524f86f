import { expect, it } from 'vitest';
import { parseUserns } from '../../../src/spec/parse-userns.ts';
import { thrownBy } from './expect-bad-flag.ts';

it.each([
	['host', { kind: 'host' }],
	['private', { kind: 'private' }],
	['private:100000', { kind: 'private', first: 100000 }],
	['private:100000:65536', { kind: 'private', first: 100000, size: 65536 }],
])('reads %s', (text, mode) => {
	expect(parseUserns(text)).toEqual(mode);
});

it.each([
	'',
	'auto',
	'private:',
	'private:0',
	'private:-1',
	'private:1e5',
	'private:1:',
	'private:1:0',
	'private:4294967295',
	'private:4294967000:500',
	'private:1:2:3',
	'host:1',
])('refuses %j', text => {
	expect(thrownBy(() => parseUserns(text))).toMatchObject({ code: 'TSRUN_BAD_FLAG' });
});
