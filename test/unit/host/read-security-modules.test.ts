import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { readAppArmor, readSelinux } from '../../../src/host/read-security-modules.ts';

const holds = (script: string): boolean =>
	execFileSync('sh', ['-c', `${script} && echo yes || true`], { encoding: 'utf8' }) === 'yes\n';

it('tells whether AppArmor is enabled, as its module says', () => {
	const { isEnabled, hasOwnFiles } = readAppArmor();
	expect(isEnabled).toBe(holds('grep -q ^Y /sys/module/apparmor/parameters/enabled 2>/dev/null'));
	expect(hasOwnFiles).toBe(holds('test -d /proc/self/attr/apparmor'));
});

it('tells whether SELinux is enabled, as libselinux does', () => {
	expect(readSelinux()).toBe(holds('grep -q " - selinuxfs " /proc/self/mountinfo'));
});
