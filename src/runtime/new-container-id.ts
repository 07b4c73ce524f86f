import { randomBytes, randomInt } from 'node:crypto';
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

const pick = (words: readonly string[]): string => words[randomInt(words.length)] ?? '';

/** A name for a container that was given none; the id's first digits keep names apart where words repeat. */
export function newContainerName(id: ContainerId): string {
	return `${pick(QUALITIES)}_${pick(THINGS)}_${id.slice(0, 4)}`;
}
