import { expect, it } from 'vitest';
import { systemdUnit } from '../../../src/spec/systemd-unit.ts';

it('starts all at boot and stops all for now when the machine goes down', () => {
	const unit = systemdUnit(['/usr/bin/tsrun', '--root', '/run/tsrun']);
	expect(unit).toMatch(/^ExecStart=\/usr\/bin\/tsrun --root \/run\/tsrun start --all$/m);
	expect(unit).toMatch(/^ExecStop=\/usr\/bin\/tsrun --root \/run\/tsrun stop --all$/m);
	expect(unit).toMatch(/^WantedBy=multi-user.target$/m);
});

it.each([
	['/a b/tsrun', '"/a b/tsrun"'],
	['/100%/$HOME', '/100%%/$$HOME'],
	['/say "x"\\', '"/say \\"x\\"\\\\"'],
])('writes %j as one word', (word, text) => {
	expect(systemdUnit([word])).toContain(`ExecStart=${text} start --all\n`);
});
