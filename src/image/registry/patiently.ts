import { setTimeout } from 'node:timers/promises';
import type { HttpClient, HttpRequest, HttpResponse } from './http.ts';
import { isTransient } from './network-failure.ts';

/** How long to wait for a registry that is busy or was lost. */
export interface Patience {
	readonly attempts: number;
	readonly wait: (milliseconds: number) => Promise<unknown>;
	/** 0 to 1: keeps many clients from coming back at once. */
	readonly random: () => number;
	readonly now: () => number;
}

export const PATIENCE: Patience = {
	attempts: 5,
	wait: milliseconds => setTimeout(milliseconds),
	random: Math.random,
	now: Date.now,
};

const FIRST_MS = 250;
const LONGEST_MS = 60_000;
/** Answers of a registry that may give another one in a moment. */
export const BUSY: readonly number[] = [408, 429, 500, 502, 503, 504];

/** Sends a request, again when the registry is busy or the connection is lost. The last answer or error is the caller's. */
export async function sendPatiently(http: HttpClient, request: HttpRequest, patience: Patience): Promise<HttpResponse> {
	for (let attempt = 1; ; attempt++) {
		try {
			const response = await http.send(request);
			if (!BUSY.includes(response.status) || attempt >= patience.attempts) return response;
			const pause = pauseAfter(response, attempt, patience);
			if (pause === undefined) return response;
			await response.drop();
			await patience.wait(pause);
		} catch (error) {
			if (!isTransient(error) || attempt >= patience.attempts) throw error;
			await patience.wait(backoff(attempt, patience));
		}
	}
}

/** Milliseconds before a busy registry is asked again; nothing when it wants to be left alone for longer than anybody waits. */
export function pauseAfter(response: HttpResponse, attempt: number, patience: Patience): number | undefined {
	const after = retryAfter(response.header('retry-after'), patience.now());
	if (after !== undefined && after > LONGEST_MS) return undefined;
	return after ?? backoff(attempt, patience);
}

/** Milliseconds before the next attempt: each time twice as long, with up to a half more by chance. */
export function backoff(attempt: number, { random }: Pick<Patience, 'random'>): number {
	return Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempt - 1) * (1 + random() / 2));
}

/** Milliseconds that a Retry-After header asks for (RFC 9110, 10.2.3): seconds, or a date. */
export function retryAfter(header: string | undefined, now: number): number | undefined {
	if (header === undefined) return undefined;
	if (/^[0-9]+$/.test(header)) return Number(header) * 1000;
	// Date.parse takes -1 for a month of 2001; every form of a date in HTTP begins with the day's name
	const date = /^[A-Z][a-z]{2}/.test(header) ? Date.parse(header) : Number.NaN;
	return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
