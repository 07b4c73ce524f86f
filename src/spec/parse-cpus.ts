import { badFlag } from './bad-flag.ts';

const NANO_DIGITS = 9;
/** The kernel's smallest quota is 1 ms (sched-bwc.rst), which is a hundredth of the period of 100 ms. */
const MIN_NANO_CPUS = 10_000_000;

/**
 * Reads `--cpus 1.5` into billionths of a CPU, exactly; 0 is "not set".
 * @throws TsrunError TSRUN_BAD_FLAG
 */
export function parseCpus(flag: string, text: string): number {
	const match = /^(\d{0,6})(?:\.(\d{0,30}))?$/.exec(text);
	const whole = match?.[1] ?? '';
	const fraction = (match?.[2] ?? '').replace(/0+$/, '');
	const fault = { example: `${flag} 1.5` };
	if (match === null || (whole === '' && (match[2] ?? '') === '')) {
		throw badFlag(flag, text, { problem: 'is not a number of CPUs', ...fault });
	}
	if (fraction.length > NANO_DIGITS) {
		throw badFlag(flag, text, { problem: 'has more than nine digits after the point', ...fault });
	}
	const nano = Number(whole) * 1e9 + Number(fraction.padEnd(NANO_DIGITS, '0'));
	if (nano !== 0 && nano < MIN_NANO_CPUS) throw badFlag(flag, text, { problem: 'is less than 0.01 CPUs', ...fault });
	return nano;
}
