import { expect, it } from 'vitest';
import { stopSignal } from '../../../src/spec/stop-signal.ts';
import { thrownBy } from './expect-bad-flag.ts';

it('takes the flag before the image and SIGTERM after both', () => {
	expect(stopSignal(2, 'SIGQUIT')).toBe(2);
	expect(stopSignal(undefined, 'SIGQUIT')).toBe(3);
	expect(stopSignal(undefined, '')).toBe(15);
});

it('refuses a signal of the image that does not exist', () => {
	expect(thrownBy(() => stopSignal(undefined, 'SIGWHAT'))).toMatchObject({ code: 'TSRUN_BAD_IMAGE' });
});
