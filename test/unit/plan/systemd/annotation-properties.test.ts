import { describe, expect, it } from 'vitest';
import { annotationProperties } from '../../../../src/plan/systemd/annotation-properties.ts';

const of = (name: string, value: string) => annotationProperties({ [`org.systemd.property.${name}`]: value });

describe('annotationProperties', () => {
	it.each([
		['TimeoutStopUSec', 'uint64 123456789', 'TimeoutStopUSec', { signature: 't', value: 123_456_789n }],
		['CollectMode', "'inactive'", 'CollectMode', { signature: 's', value: 'inactive' }],
		['RuntimeMaxSec', '2', 'RuntimeMaxUSec', { signature: 't', value: 2_000_000n }],
		['TimeoutStopSec', '1.5', 'TimeoutStopUSec', { signature: 't', value: 1_500_000n }],
		['TimeoutStopSec', 'uint64 3', 'TimeoutStopUSec', { signature: 't', value: 3_000_000n }],
		['MemoryHigh', 'uint64 5', 'MemoryHigh', { signature: 't', value: 5n }],
	])('takes %s=%s', (name, value, property, variant) => {
		expect(of(name, value)).toEqual([[property, variant]]);
	});

	it('leaves other annotations alone', () => {
		expect(
			annotationProperties({ 'io.kubernetes.cri.container-type': 'sandbox', 'org.systemd.propertyX': '1' }),
		).toEqual([]);
	});

	it.each([
		'PIDs',
		'Slice',
		'Delegate',
		'DeviceAllow',
		'DevicePolicy',
		'Conflicts',
		'OnFailure',
		'SuccessAction',
		'Wants',
		'User',
	])('refuses %s, which reaches beyond the scope (CVE-2024-3154)', name => {
		expect(() => of(name, "'x'")).toThrow(
			expect.objectContaining({ code: 'TSRUN_BAD_ANNOTATION', message: expect.stringContaining('is not allowed') }),
		);
	});

	it.each([
		['no_name', '1', /name incorrect/],
		['X', '1', /name incorrect/],
		['TimeoutStopUSec', 'soon', /value parse error: "soon" is no whole number/],
		['TimeoutStopSec', "'2'", /a time in seconds is a number/],
		['TimeoutStopSec', '-1', /not below 0/],
		['TimeoutStopSec', 'uint64 18446744073709551615', /too long/],
	])('refuses %s=%s', (name, value, message) => {
		expect(() => of(name, value)).toThrow(
			expect.objectContaining({ code: 'TSRUN_BAD_ANNOTATION', message: expect.stringMatching(message) }),
		);
	});
});
