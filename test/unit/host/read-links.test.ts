import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readLinks } from '../../../src/host/read-links.ts';

it('tells where links lead, dangling ones too, and says nothing of other files', () => {
	const dir = mkdtempSync(join(tmpdir(), 'tsrun-test-'));
	const at = (name: string) => join(dir, name);
	writeFileSync(at('file'), '');
	symlinkSync('file', at('link'));
	symlinkSync('/not/there', at('dangling'));
	expect(readLinks(['file', 'link', 'dangling', 'missing'].map(at))).toEqual({
		[at('link')]: 'file',
		[at('dangling')]: '/not/there',
	});
	rmSync(dir, { recursive: true });
});
