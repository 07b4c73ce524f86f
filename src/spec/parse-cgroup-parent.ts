import { badFlag } from './bad-flag.ts';

/** A path in the cgroup hierarchy, below its root. @throws TsrunError TSRUN_BAD_FLAG */
export function parseCgroupParent(text: string): string {
	const parts = text.split('/').filter(part => part !== '' && part !== '.');
	if (parts.length === 0 || parts.includes('..') || !/^[\x21-\x7e]{1,1024}$/.test(text)) {
		throw badFlag('--cgroup-parent', text, {
			problem: 'is not a path in the cgroup tree',
			example: '--cgroup-parent /work',
		});
	}
	return `/${parts.join('/')}`;
}
