import { expect, it } from 'vitest';
import { parseLogOptions } from '../../../src/spec/parse-log-options.ts';

it.each([
	['k8s-file', [], { kind: 'file', maxSize: 0, files: 1 }],
	['k8s-file', ['max-size=10m'], { kind: 'file', maxSize: 10 * 1024 ** 2, files: 5 }],
	['k8s-file', ['max-file=3', 'max-size=1k'], { kind: 'file', maxSize: 1024, files: 3 }],
	['k8s-file', ['max-size=1k', 'max-size=2k'], { kind: 'file', maxSize: 2048, files: 5 }],
	['k8s-file', ['max-size=-1'], { kind: 'file', maxSize: 0, files: 1 }],
	['none', [], { kind: 'none' }],
])('reads %s %j', (driver, options, expected) => {
	expect(parseLogOptions(driver, options)).toEqual(expected);
});

it.each([
	['syslog', [], '--log-driver "syslog" is not known'],
	['none', ['max-size=1k'], '--log-opt "max-size" is given with --log-driver none'],
	['k8s-file', ['max-file=3'], '--log-opt "max-file=3" is given without max-size'],
	['k8s-file', ['max-size=12q'], '--log-opt max-size "12q" is not a size'],
	['k8s-file', ['max-size=0'], '--log-opt "max-size=0" is nothing'],
	['k8s-file', ['max-size=1k', 'max-file=0'], '--log-opt max-file "0" is not between 1 and 1000'],
	['k8s-file', ['compress=true'], '--log-opt "compress=true" is not known'],
	['k8s-file', ['max-size'], '--log-opt "max-size" is not known'],
])('refuses %s %j', (driver, options, message) => {
	expect(() => parseLogOptions(driver, options)).toThrow(message);
});
