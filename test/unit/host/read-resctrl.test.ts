import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readResctrlAt } from '../../../src/host/read-resctrl.ts';

const mountpoint = mkdtempSync(join(tmpdir(), 'tsrun-resctrl-'));
afterAll(() => rmSync(mountpoint, { recursive: true }));

it('tells what the CPU can, and what a group has', () => {
	for (const path of ['info/L3', 'info/L3_MON', 'gold']) mkdirSync(join(mountpoint, path), { recursive: true });
	writeFileSync(join(mountpoint, 'gold/schemata'), '    L3:0=f\n');
	writeFileSync(join(mountpoint, 'schemata'), '    L3:0=ff\n');
	const features = { cache: true, memoryBandwidth: false, monitoring: true };
	expect(readResctrlAt(mountpoint, undefined)).toEqual({ mountpoint, features });
	expect(readResctrlAt(mountpoint, 'silver')).toEqual({ mountpoint, features });
	expect(readResctrlAt(mountpoint, 'gold')).toEqual({ mountpoint, features, group: { schemata: '    L3:0=f\n' } });
	expect(readResctrlAt(mountpoint, '/')).toEqual({ mountpoint, features, group: { schemata: '    L3:0=ff\n' } });
});
