import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encodePlan } from '../../src/native/encode.ts';
import { runSetup } from '../../src/native/machine.ts';
import type { Progress } from '../../src/native/progress.ts';
import { netfilterBatch, type TableMessage } from '../../src/plan/netfilter/batch.ts';
import { bridgeElements, guestElement, portElement } from '../../src/plan/netfilter/network-elements.ts';
import { deleteElement, newElement, type SetElement } from '../../src/plan/netfilter/table-objects.ts';
import { ensureTable, removeIfUnused } from '../../src/plan/netfilter/tsrun-table.ts';

// a network namespace in the place of the host
const NETNS = `tsrun-nft-${process.pid}`;
const CLONE_NEWNET = 0x4000_0000;
const EBUSY = 16;
const EEXIST = 17;
const GUEST = Uint8Array.of(172, 30, 0, 2);
const OTHER = Uint8Array.of(172, 30, 0, 3);

const nft = (...words: readonly string[]): string =>
	execFileSync('ip', ['netns', 'exec', NETNS, 'nft', ...words], { encoding: 'utf8', stdio: 'pipe' });

beforeAll(() => {
	execFileSync('ip', ['netns', 'add', NETNS]);
});
afterAll(() => {
	execFileSync('ip', ['netns', 'delete', NETNS]);
});

/** One batch, made by the machine as a step of a plan. */
function batch(...messages: readonly TableMessage[]): Progress['failed'] {
	const phase = 'network';
	const plan = encodePlan({
		version: 1,
		cloneFlags: 0,
		setup: [
			{ op: 'setns', path: `/run/netns/${NETNS}`, type: CLONE_NEWNET, phase, why: 'not on the machine' },
			{ op: 'netfilter', message: netfilterBatch(messages), phase, why: 'the rules' },
		],
		init: [],
		teardown: [],
	});
	return runSetup(plan, 0).failed;
}

const guest = [...bridgeElements({ bridge: 'tsrun7', internal: true }), guestElement(GUEST, true)];
const ports: readonly SetElement[] = [
	portElement({ protocol: 6, hostPort: 8080, address: GUEST, port: 80 }),
	portElement({ protocol: 17, hostAddress: Uint8Array.of(127, 0, 0, 1), hostPort: 5353, address: GUEST, port: 53 }),
];

interface Listed {
	readonly set?: { readonly name: string; readonly elem?: readonly unknown[] };
	readonly map?: { readonly name: string; readonly elem?: readonly unknown[] };
}

/** What the kernel has, as nft reads it. */
function elements(): Readonly<Record<string, readonly unknown[]>> {
	const { nftables } = JSON.parse(nft('-j', 'list', 'table', 'inet', 'tsrun')) as { nftables: readonly Listed[] };
	return Object.fromEntries(
		nftables.flatMap(({ set, map }) => {
			const found = set ?? map;
			return found?.elem === undefined ? [] : [[found.name, found.elem]];
		}),
	);
}

it('the kernel has the rules that nft would make of the same text', () => {
	expect(batch(...ensureTable(), ...guest.map(newElement), ...ports.map(newElement))).toBeUndefined();
	const listed = nft('list', 'table', 'inet', 'tsrun');
	nft('delete', 'table', 'inet', 'tsrun');
	// nft 1.0 lists priorities of the output hook by names that it does not read
	execFileSync('ip', ['netns', 'exec', NETNS, 'nft', '-f', '-'], { input: listed });
	expect(nft('list', 'table', 'inet', 'tsrun')).toBe(listed);
	for (const rule of [
		'oifname @bridges ct status dnat masquerade',
		'meta nfproto ipv4 dnat ip to meta l4proto . th dport map @ports4',
		'ip daddr != 127.0.0.0/8 fib daddr type local jump publish',
		'iifname @bridges ip daddr 127.0.0.0/8 drop',
		'iifname . oifname @same accept',
		'oifname @bridges drop',
		'ip saddr vmap @guests4',
	])
		expect(listed).toContain(rule);
});

it('elements are those of networks, guests and ports', () => {
	expect(elements()).toEqual({
		bridges: ['tsrun7'],
		internal: ['tsrun7'],
		same: [{ concat: ['tsrun7', 'tsrun7'] }],
		guests4: [['172.30.0.2', { jump: { target: 'outward' } }]],
		ports4: [[{ concat: ['tcp', 8080] }, { concat: ['172.30.0.2', 80] }]],
		bound4: [[{ concat: ['127.0.0.1', 'udp', 5353] }, { concat: ['172.30.0.2', 53] }]],
	});
});

it('made again, the table keeps its elements and has each rule once', () => {
	const before = [nft('list', 'table', 'inet', 'tsrun'), elements()];
	expect(batch(...ensureTable(), ...guest.map(newElement))).toBeUndefined();
	expect([nft('list', 'table', 'inet', 'tsrun'), elements()]).toEqual(before);
});

it('a port that leads to another container is refused, and with it all of the batch', () => {
	const taken = portElement({ protocol: 6, hostPort: 8080, address: OTHER, port: 80 });
	const before = elements();
	const failed = batch(newElement(guestElement(OTHER, true)), newElement(taken));
	expect([EEXIST, EBUSY]).toContain(failed?.errno);
	expect(elements()).toEqual(before);
});

it('the table stays while a container is in it, goes with the last one, and takes nothing else along', () => {
	nft('add', 'table', 'inet', 'somebody');
	expect(batch(...ports.map(deleteElement))).toBeUndefined();
	expect(batch(...removeIfUnused())).toMatchObject({ errno: EBUSY });
	expect(elements()).toHaveProperty('guests4');
	expect(batch(deleteElement(guestElement(GUEST, true)))).toBeUndefined();
	expect(batch(...removeIfUnused())).toBeUndefined();
	expect(nft('list', 'tables')).toBe('table inet somebody\n');
});
