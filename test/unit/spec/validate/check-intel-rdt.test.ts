import { expect, it } from 'vitest';
import { validateSpec } from '../../../../src/spec/validate-spec.ts';
import { configWith, expectBadConfig } from './config-fixture.ts';

it.each([
	{},
	{ closID: '/' },
	{ closID: 'gold', l3CacheSchema: 'L3:0=f;1=f', memBwSchema: 'MB:0=20' },
	{ schemata: ['L3:0=f', 'MB:0=20'], enableMonitoring: true },
])('takes %j', intelRdt => {
	expect(validateSpec(configWith('/linux/intelRdt', intelRdt)).linux?.intelRdt).toEqual(intelRdt);
});

it.each([
	[{ closID: '.' }, '/closID'],
	[{ closID: '..' }, '/closID'],
	[{ closID: '../x' }, '/closID'],
	[{ closID: 'a/b' }, '/closID'],
	[{ closID: 'a\nb' }, '/closID'],
	[{ l3CacheSchema: 'L3:0=f\nMB:0=1' }, '/l3CacheSchema'],
	[{ memBwSchema: 'MB:0=1\nL3:0=f' }, '/memBwSchema'],
	[{ memBwSchema: 'L3:0=f' }, '/memBwSchema'],
	[{ schemata: ['L3:0=f', 'MB:0=1\n'] }, '/schemata/1'],
	[{ enableMonitoring: 'yes' }, '/enableMonitoring'],
])('refuses %j', (intelRdt, place) => {
	expectBadConfig(configWith('/linux/intelRdt', intelRdt), `/linux/intelRdt${place}`);
});
