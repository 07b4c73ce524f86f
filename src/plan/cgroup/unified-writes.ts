import { TsrunError } from '../../core/errors.ts';
import type { Resources } from '../../oci/runtime-spec.ts';
import type { CgroupWrite } from './cgroup-write.ts';

/**
 * Control files of cgroup2 by name (config-linux.md, "Unified"). A key is a file's name and nothing that leads elsewhere; each
 * line of a value is a write of its own, as files such as io.max take one device at a time.
 * @throws TsrunError TSRUN_BAD_RESOURCE
 */
export function unifiedWrites(unified: NonNullable<Resources['unified']>): readonly CgroupWrite[] {
	return Object.entries(unified).flatMap(([file, text]) => {
		const from = `/linux/resources/unified/${file.replaceAll('~', '~0').replaceAll('/', '~1')}`;
		if (!/^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)+$/.test(file)) {
			throw new TsrunError(
				'TSRUN_BAD_RESOURCE',
				`${JSON.stringify(file.slice(0, 80))} in /linux/resources/unified is not a control file's name`,
				{
					hint: 'expected a name such as memory.high',
				},
			);
		}
		const [first = '', ...more] = text.split('\n');
		const lines = [first, ...more.filter(line => line !== '')];
		return lines.map(value => ({ file, value, from, why: `${file} as the configuration says` }));
	});
}

/** The controller that a file of cgroup2 belongs to; undefined for `cgroup.*` and for pressure files, which are always there. */
export function controllerOfFile(file: string): string | undefined {
	const controller = file.slice(0, file.indexOf('.'));
	return controller === 'cgroup' || file.endsWith('.pressure') ? undefined : controller;
}
