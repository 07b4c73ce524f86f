import { setTimeout as sleep } from 'node:timers/promises';
import { SLOWNESS } from '../../kernel/support/slowness.ts';

/** Asks until the answer passes, each 50 ms. @throws after 20 seconds, with the last answer */
export async function eventually<T>(ask: () => Promise<T>, passes: (answer: T) => boolean): Promise<T> {
	const deadline = Date.now() + 20_000 * SLOWNESS;
	for (;;) {
		const answer = await ask();
		if (passes(answer)) return answer;
		if (Date.now() > deadline) throw new Error(`not in time, but ${JSON.stringify(answer)}`);
		await sleep(50);
	}
}
