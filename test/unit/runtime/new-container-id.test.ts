import { describe, expect, it } from 'vitest';
import { newContainerId, newContainerName } from '../../../src/runtime/new-container-id.ts';
import { parseContainerName } from '../../../src/spec/parse-container-name.ts';

describe('newContainerId', () => {
	it('is 64 hex digits, another each time', () => {
		const ids = new Set(Array.from({ length: 100 }, () => newContainerId()));
		expect(ids.size).toBe(100);
		for (const id of ids) expect(id).toMatch(/^[0-9a-f]{64}$/);
	});
});

describe('newContainerName', () => {
	it('is a name that --name would take, with the first digits of the id', () => {
		for (let count = 0; count < 200; count++) {
			const id = newContainerId();
			const name = newContainerName(id);
			expect(name).toMatch(new RegExp(`^[a-z]+_[a-z]+_${id.slice(0, 4)}$`));
			expect(parseContainerName(name)).toBe(name);
		}
	});
});
