import { closeSync, openSync, readSync } from 'node:fs';
import { type ContainerId, parseContainerId } from '../core/brands.ts';

/** 256 random bits, as docker's ids. */
export function newContainerId(): ContainerId {
	return parseContainerId(randomBytes(32).toString('hex'));
}

const QUALITIES = [
	'agile',
	'amber',
	'brave',
	'brisk',
	'calm',
	'clear',
	'deft',
	'eager',
	'early',
	'fair',
	'fleet',
	'frank',
	'gentle',
	'glad',
	'keen',
	'kind',
	'lively',
	'lucid',
	'mellow',
	'merry',
	'neat',
	'noble',
	'plain',
	'prompt',
	'quiet',
	'rapid',
	'sober',
	'solid',
	'steady',
	'sunny',
	'swift',
	'tidy',
	'trim',
	'vivid',
	'warm',
	'wise',
];
const THINGS = [
	'acorn',
	'anchor',
	'anvil',
	'barge',
	'beacon',
	'birch',
	'brook',
	'cedar',
	'comet',
	'crane',
	'delta',
	'ember',
	'fern',
	'finch',
	'forge',
	'grove',
	'harbor',
	'heron',
	'kestrel',
	'lantern',
	'ledger',
	'linden',
	'maple',
	'meadow',
	'otter',
	'pebble',
	'pier',
	'plover',
	'quarry',
	'reef',
	'ridge',
	'rudder',
	'sparrow',
	'summit',
	'thistle',
	'willow',
];

/** From the kernel itself: loading node:crypto would take longer than all else here (2 ms). */
function randomBytes(size: number): Buffer {
	const bytes = Buffer.alloc(size);
	const fd = openSync('/dev/urandom', 'r');
	try {
		if (readSync(fd, bytes) !== size) throw new Error('short read of /dev/urandom');
		return bytes;
	} finally {
		closeSync(fd);
	}
}

const pick = (words: readonly string[], number: number): string => words[number % words.length] ?? '';

/** A name for a container that was given none; the id's first digits keep names apart where words repeat. */
export function newContainerName(id: ContainerId): string {
	const [a = 0, b = 0] = randomBytes(2);
	return `${pick(QUALITIES, a)}_${pick(THINGS, b)}_${id.slice(0, 4)}`;
}
