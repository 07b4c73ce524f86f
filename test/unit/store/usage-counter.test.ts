import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { UsageCounter } from '../../../src/store/usage-counter.ts';

const dir = mkdtempSync(join(tmpdir(), 'tsrun-usage-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it('counts what du counts, and each file once', () => {
	mkdirSync(join(dir, 'a/b'), { recursive: true });
	writeFileSync(join(dir, 'a/file'), Buffer.alloc(100_000, 1));
	linkSync(join(dir, 'a/file'), join(dir, 'a/b/link'));
	symlinkSync('/', join(dir, 'a/root'));
	writeFileSync(Buffer.concat([Buffer.from(`${dir}/a/`), Buffer.from([0xff, 0xfe])]), 'name that is no UTF-8');
	const du = Number(execFileSync('du', ['-s', '-x', '-B1', join(dir, 'a')], { encoding: 'utf8' }).split('\t')[0]);
	const counter = new UsageCounter();
	expect(counter.count(join(dir, 'a'))).toBe(du);
	expect(counter.count(join(dir, 'a/file'))).toBe(0);
	expect(counter.count(join(dir, 'nothing'))).toBe(0);
});
