import { expect, it } from 'vitest';
import { TsrunError } from '../../../src/core/errors.ts';
import { parseUser } from '../../../src/spec/parse-user.ts';
import { thrownBy } from './expect-bad-flag.ts';

it.each([
	['', { user: { id: 0 } }],
	['0', { user: { id: 0 } }],
	['1000', { user: { id: 1000 } }],
	['007', { user: { id: 7 } }],
	['2147483647', { user: { id: 2147483647 } }],
	['1000:1001', { user: { id: 1000 }, group: { id: 1001 } }],
	['1:', { user: { id: 1 } }],
	['app', { user: { name: 'app' } }],
	['app:staff', { user: { name: 'app' }, group: { name: 'staff' } }],
	['app:50', { user: { name: 'app' }, group: { id: 50 } }],
	['1000:staff', { user: { id: 1000 }, group: { name: 'staff' } }],
	['389ds', { user: { name: '389ds' } }],
	['svc$', { user: { name: 'svc$' } }],
])('reads %j exactly', (text, request) => {
	expect(parseUser(text)).toEqual(request);
});

it.each([
	'2147483648',
	'4294967295',
	'4294967296',
	'18446744073709551616',
	'-1',
	'+1',
	'1e3',
	'0x1',
	'0b1',
	'1.0',
	' 1',
	'1 ',
	'\t1',
	'1\n',
	' ',
	':',
	':1',
	'1:2:3',
	'::',
	'1:-1',
	'1:4294967296',
	'1:0x1',
	'a b',
	'a\nb',
	'a\0',
	'a/b',
	'a,b',
	'Infinity',
	'x'.repeat(257),
])('refuses %j, so that it is never uid 0 (CVE-2024-40635, CVE-2026-30892)', text => {
	const error = thrownBy(() => parseUser(text)) as TsrunError;
	expect(error).toBeInstanceOf(TsrunError);
	expect(error.code).toBe('TSRUN_BAD_USER');
});
