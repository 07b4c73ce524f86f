import { describe, expect, it } from 'vitest';
import type { Login } from '../../../../src/image/registry/auth-files.ts';
import type { Session } from '../../../../src/image/registry/session.ts';
import type { Answer, Asked } from './fake-registry.ts';
import { openFake, paths } from './open-fake.ts';

const LOGIN: Login = { kind: 'password', username: 'me', password: 'pass:word' };
const BASIC = `Basic ${Buffer.from('me:pass:word').toString('base64')}`;

async function ask(session: Session, to = 'team/app/tags/list'): Promise<readonly [number, string]> {
	const response = await session.request({ method: 'GET', to });
	const chunks: Uint8Array[] = [];
	for await (const chunk of response.body) chunks.push(chunk);
	return [response.status, Buffer.concat(chunks).toString()];
}

const bearer = (host: string, more = ''): Answer => ({
	status: 401,
	headers: {
		'www-authenticate': `Bearer realm="http://${host}/token",service="the, service",scope="repository:team/app:pull"${more}`,
	},
});
const withBearer =
	(token: (asked: Asked) => Answer) =>
	(asked: Asked, host: string): Answer => {
		if (asked.path.startsWith('/token')) return token(asked);
		return asked.headers.authorization === 'Bearer good' ? { body: 'yes' } : bearer(host);
	};

describe('a registry that wants a token', () => {
	it('gets one that it was asked for once, with the scope and the service of its challenge', async () => {
		const { session, registry } = await openFake(withBearer(() => ({ body: '{"token":"good"}' })));
		expect(await ask(session)).toEqual([200, 'yes']);
		expect(await ask(session)).toEqual([200, 'yes']);
		expect(paths(registry)).toEqual([
			'GET /v2/team/app/tags/list',
			'GET /token?service=the%2C+service&scope=repository%3Ateam%2Fapp%3Apull',
			'GET /v2/team/app/tags/list',
			'GET /v2/team/app/tags/list',
		]);
	});

	it('gets it with the login, which the registry itself never sees', async () => {
		const { session, registry } = await openFake(
			withBearer(() => ({ body: '{"access_token":"good"}' })),
			{ login: LOGIN },
		);
		expect(await ask(session)).toEqual([200, 'yes']);
		expect(registry.asked.map(({ headers }) => headers.authorization)).toEqual([undefined, BASIC, 'Bearer good']);
		expect(registry.asked[1]?.path).toContain('account=me');
	});

	it('gets it for a refresh token', async () => {
		const { session, registry } = await openFake(
			withBearer(() => ({ body: '{"access_token":"good"}' })),
			{
				login: { kind: 'identity-token', token: 'refresh' },
			},
		);
		expect(await ask(session)).toEqual([200, 'yes']);
		const { method, body, headers } = registry.asked[1] ?? {};
		expect([method, headers?.authorization]).toEqual(['POST', undefined]);
		expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
			grant_type: 'refresh_token',
			refresh_token: 'refresh',
			client_id: 'tsrun',
			service: 'the, service',
			scope: 'repository:team/app:pull',
		});
	});

	it('gets one token for many questions at once', async () => {
		const { session, registry } = await openFake(withBearer(() => ({ body: '{"token":"good"}' })));
		const answers = await Promise.all(Array.from({ length: 10 }, () => ask(session)));
		expect(answers.every(([status]) => status === 200)).toBe(true);
		expect(registry.asked.filter(({ path }) => path.startsWith('/token'))).toHaveLength(1);
	});

	it('gets a new one when the old one has expired', async () => {
		let valid = 1;
		const { session } = await openFake((asked, host) => {
			if (asked.path.startsWith('/token')) return { body: `{"token":"t${valid}"}` };
			return asked.headers.authorization === `Bearer t${valid}` ? { body: 'yes' } : bearer(host);
		});
		expect(await ask(session)).toEqual([200, 'yes']);
		valid = 2;
		expect(await ask(session)).toEqual([200, 'yes']);
	});

	it('is not asked for ever when it takes none', async () => {
		const { session, registry } = await openFake((asked, host) =>
			asked.path.startsWith('/token') ? { body: '{"token":"bad"}' } : bearer(host),
		);
		expect((await ask(session))[0]).toBe(401);
		expect(registry.asked).toHaveLength(3);
	});

	it.each<[string, Answer, RegExp]>([
		[
			'refuses the login',
			{ status: 401, body: '{"details":"incorrect username or password"}' },
			/answered 401 to the request for a token: incorrect username or password$/,
		],
		['gives none', { body: '{}' }, /got no token from 127/],
		['gives one that would be two headers', { body: JSON.stringify({ token: 'a\r\nb: c' }) }, /got no token/],
		['gives no JSON', { body: '<html>' }, /got no token/],
	])('is named when it %s', async (_, answer, message) => {
		const { session } = await openFake(
			withBearer(() => answer),
			{ login: LOGIN },
		);
		await expect(ask(session)).rejects.toMatchObject({
			code: 'TSRUN_UNAUTHORIZED',
			message: expect.stringMatching(message),
			hint: expect.stringContaining('tsrun login 127.0.0.1:'),
		});
	});

	it.each(['file:///etc/passwd', 'nowhere', ''])('gets nothing when it names %j as the place', async realm => {
		const { session } = await openFake(() => ({
			status: 401,
			headers: { 'www-authenticate': `Bearer realm="${realm}"` },
		}));
		await expect(ask(session)).rejects.toMatchObject({ code: 'TSRUN_UNAUTHORIZED' });
	});
});

describe('a registry that wants a password', () => {
	const basic = ({ headers }: Asked): Answer =>
		headers.authorization === BASIC
			? { body: 'yes' }
			: { status: 401, headers: { 'www-authenticate': 'Basic realm="r"' } };

	it('gets it after it has asked', async () => {
		const { session, registry } = await openFake(basic, { login: LOGIN });
		expect(await ask(session)).toEqual([200, 'yes']);
		expect(await ask(session)).toEqual([200, 'yes']);
		expect(registry.asked.map(({ headers }) => headers.authorization)).toEqual([undefined, BASIC, BASIC]);
	});

	it('is named when there is none', async () => {
		const { session, registry } = await openFake(basic);
		await expect(ask(session)).rejects.toMatchObject({
			message: expect.stringContaining(`registry ${registry.host} wants a user name and a password`),
			hint: `tsrun login ${registry.host}`,
		});
	});

	it('is not asked for ever when it is wrong', async () => {
		const { session, registry } = await openFake(basic, { login: { ...LOGIN, password: 'x' } });
		expect((await ask(session))[0]).toBe(401);
		expect(registry.asked).toHaveLength(2);
	});
});

it.each(['', 'Digest realm="x"', 'Negotiate'])('names a challenge that it cannot answer: %j', async header => {
	const { session } = await openFake(() => ({
		status: 401,
		...(header === '' ? {} : { headers: { 'www-authenticate': header } }),
	}));
	await expect(ask(session)).rejects.toMatchObject({ code: 'TSRUN_UNAUTHORIZED' });
});

describe('where a registry sends elsewhere', () => {
	it('no credentials go along (CVE-2020-15157)', async () => {
		const other = await openFake(({ before }) => (before === 0 ? { body: 'blob' } : undefined));
		const { session } = await openFake(
			({ headers }) =>
				headers.authorization === undefined
					? { status: 401, headers: { 'www-authenticate': 'Basic realm="r"' } }
					: { status: 302, headers: { location: `http://${other.registry.host}/blob` } },
			{ login: LOGIN },
		);
		expect(await ask(session)).toEqual([200, 'blob']);
		expect(other.registry.asked.map(({ headers }) => headers.authorization)).toEqual([undefined]);
	});

	it('no challenge of the other is answered', async () => {
		const other = await openFake(() => ({ status: 401, headers: { 'www-authenticate': 'Basic realm="give"' } }));
		const { session } = await openFake(
			() => ({ status: 307, headers: { location: `http://${other.registry.host}/blob` } }),
			{ login: LOGIN },
		);
		expect((await ask(session))[0]).toBe(401);
		expect(other.registry.asked).toHaveLength(1);
	});

	it('the same registry is asked with them', async () => {
		const { session, registry } = await openFake(
			({ path, headers }) => {
				if (headers.authorization === undefined)
					return { status: 401, headers: { 'www-authenticate': 'Basic realm="r"' } };
				return path === '/moved' ? { body: 'here' } : { status: 301, headers: { location: '/moved' } };
			},
			{ login: LOGIN },
		);
		expect(await ask(session)).toEqual([200, 'here']);
		expect(registry.asked.at(-1)?.headers.authorization).toBe(BASIC);
	});

	it.each(['file:///etc/passwd', 'ftp://x/y', 'http://['])('%s is refused', async location => {
		const { session } = await openFake(() => ({ status: 302, headers: { location } }));
		await expect(ask(session)).rejects.toThrow(/redirects to "/);
	});

	it('in a circle it is left after ten', async () => {
		const { session, registry } = await openFake(() => ({
			status: 302,
			headers: { location: '/v2/team/app/tags/list' },
		}));
		await expect(ask(session)).rejects.toThrow(/redirects more than 10 times$/);
		expect(registry.asked).toHaveLength(11);
	});
});

it('names the host and the cause when nothing listens', async () => {
	const { session, registry } = await openFake(() => undefined);
	await registry.close();
	await expect(ask(session)).rejects.toThrow(`registry ${registry.host} cannot be reached: connection refused`);
});

it('never takes plain HTTP where it was not named', async () => {
	const { registry } = await openFake(() => ({ body: 'yes' }));
	const { openSession } = await import('../../../../src/image/registry/session.ts');
	const session = openSession(
		{ host: registry.host, repository: 'team/app', isInsecure: false },
		{
			env: {},
			actions: 'pull',
			subject: 's',
			login: LOGIN,
			patience: { attempts: 1, random: () => 0, now: () => 0, wait: async () => {} },
		},
	);
	await expect(ask(session)).rejects.toMatchObject({ code: 'TSRUN_REGISTRY_UNREACHABLE' });
	await session.close();
	expect(registry.asked).toEqual([]);
});
