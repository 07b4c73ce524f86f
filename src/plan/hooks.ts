import { type HookName, OCI_VERSION, type RuntimeSpec } from '../oci/runtime-spec.ts';
import type { StepOf } from './step.ts';

/** What hooks are told of a container beside its configuration. */
export interface HookState {
	readonly id: string;
	/** Directory of the bundle. */
	readonly bundle: string;
}

/** The status that a hook is told (runtime.md, "State"; config.md, "POSIX-platform Hooks"). */
const STATUS: Readonly<Record<HookName, string>> = {
	prestart: 'creating',
	createRuntime: 'creating',
	createContainer: 'creating',
	startContainer: 'created',
	poststart: 'running',
	poststop: 'stopped',
};

const WHY: Readonly<Record<HookName, string>> = {
	prestart: 'a hook of the host, when the namespaces are there',
	createRuntime: 'a hook of the host, when the namespaces are there',
	createContainer: 'a hook of the host in the container’s namespaces, before its root is the root',
	startContainer: 'a hook of the container, before its program',
	poststart: 'a hook of the host, after the program was started',
	poststop: 'a hook of the host, after the end',
};

/** The hooks of these kinds, in their order. Nothing of the caller's environment is theirs. */
export function hookSteps(spec: RuntimeSpec, state: HookState, kinds: readonly HookName[]): readonly StepOf<'hook'>[] {
	return kinds.flatMap(kind =>
		(spec.hooks?.[kind] ?? []).map(({ path, args, env, timeout }, index): StepOf<'hook'> => {
			const [stateHead, stateTail] = stateText(spec, state, STATUS[kind]);
			return {
				op: 'hook',
				path,
				argv: args === undefined || args.length === 0 ? [path] : args,
				env: env === undefined || env.length === 0 ? inherited(spec, kind) : env,
				stateHead,
				stateTail,
				timeoutMs: timeout === undefined ? 0 : timeout * 1000,
				phase: kind === 'poststop' ? 'teardown' : 'process',
				why: WHY[kind],
				from: `/hooks/${kind}/${index}`,
			};
		}),
	);
}

/** The state of runtime.md, cut where the pid of init goes, which no plan can know. */
function stateText(spec: RuntimeSpec, { id, bundle }: HookState, status: string): readonly [string, string] {
	const head = JSON.stringify({ ociVersion: OCI_VERSION, id, status });
	const tail = JSON.stringify({
		bundle,
		...(spec.annotations === undefined ? {} : { annotations: spec.annotations }),
	});
	return [`${head.slice(0, -1)},"pid":`, `,${tail.slice(1)}`];
}

/** The specification is silent; one of the container's own has the program's environment with runc and crun. */
const inherited = (spec: RuntimeSpec, kind: HookName): readonly string[] =>
	kind === 'startContainer' ? (spec.process?.env ?? []) : [];

export const hasHooks = ({ hooks }: RuntimeSpec, kinds: readonly HookName[]): boolean =>
	kinds.some(kind => (hooks?.[kind]?.length ?? 0) > 0);
