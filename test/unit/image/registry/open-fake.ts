import { onTestFinished } from 'vitest';
import type { Login } from '../../../../src/image/registry/auth-files.ts';
import { openSession, type Session, type SessionOptions } from '../../../../src/image/registry/session.ts';
import { type Answer, type Asked, type FakeRegistry, fakeRegistry } from './fake-registry.ts';

export interface Opened {
	readonly registry: FakeRegistry;
	readonly session: Session;
	/** What was waited before further attempts, in milliseconds. */
	readonly waits: number[];
}

/** A registry of the test's own and a session with it, about `team/app`; both end with the test. */
export async function openFake(
	answer: (asked: Asked, host: string) => Answer | undefined,
	options: Partial<SessionOptions> & { readonly login?: Login | undefined } = {},
): Promise<Opened> {
	const registry: FakeRegistry = await fakeRegistry(asked => answer(asked, registry.host));
	const waits: number[] = [];
	const session = openSession(
		{ host: registry.host, repository: 'team/app', isInsecure: true },
		{
			env: {},
			actions: 'pull',
			subject: `${registry.host}/team/app:1`,
			login: undefined,
			patience: { attempts: 5, random: () => 0, now: () => 0, wait: async ms => waits.push(ms) },
			...options,
		},
	);
	onTestFinished(async () => {
		await session.close();
		await registry.close();
	});
	return { registry, session, waits };
}

/** What reached the registry, without the question whether it speaks TLS. */
export function paths({ asked }: FakeRegistry): readonly string[] {
	return asked.map(({ method, path }) => `${method} ${path}`);
}
