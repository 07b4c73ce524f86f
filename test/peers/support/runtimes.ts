import { TSRUN } from '../../kernel/support/run-tsrun.ts';

/** What takes the place of runc. */
export interface OciRuntime {
	readonly name: 'runc' | 'tsrun';
	readonly path: string;
}

/** The oracle: Debian's. */
export const RUNC: OciRuntime = { name: 'runc', path: '/usr/sbin/runc' };
export const OURS: OciRuntime = { name: 'tsrun', path: TSRUN };

/** Every suite of an engine runs with each: what fails with both is the suite's fault. */
export const RUNTIMES: readonly OciRuntime[] = [RUNC, OURS];
