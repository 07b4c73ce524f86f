import { type Command, Option } from 'commander';
import { TsrunError } from '../../core/errors.ts';
import { inspectContainer } from '../../runtime/inspect/inspect-container.ts';
import { inspectImage } from '../../runtime/inspect-image.ts';
import { openContainerRoots } from '../../runtime/open-container-roots.ts';
import { printInspected } from '../format/print-inspected.ts';
import { rootsOf } from '../roots.ts';

type Kind = 'container' | 'image';
type Document = Readonly<Record<string, unknown>>;

interface Flags {
	readonly format?: string;
	readonly size?: boolean;
	readonly type?: Kind;
}

/** `tsrun inspect`. */
export function declareCommand(command: Command): void {
	declareInspect(command, ['container', 'image']);
}

/** @param kinds what a name may be of; the first that there is */
export function declareInspect(command: Command, kinds: readonly Kind[]): void {
	command.argument('<name...>', 'name or id').option('-f, --format <format>', 'json, or a template of Go');
	if (kinds.includes('container')) command.option('-s, --size', 'also what a container takes on disk');
	if (kinds.length > 1) command.addOption(new Option('--type <type>', 'only of this').choices(kinds));
	command.action((names: readonly string[]) => {
		const { format, size = false, type } = command.opts<Flags>();
		printInspected(names, format, () => {
			const roots = openContainerRoots(rootsOf(command));
			const inspect = {
				container: (name: string) => inspectContainer(roots, name, size),
				image: (name: string) => inspectImage(roots.store, name),
			};
			const wanted = type === undefined ? kinds : [type];
			return name => firstOf(wanted, name, inspect);
		});
	});
}

const UNKNOWN = ['TSRUN_NO_SUCH_CONTAINER', 'TSRUN_NO_IMAGE'];

/** @throws TsrunError TSRUN_NO_SUCH_OBJECT; of a single kind, what that says of an unknown name */
function firstOf(kinds: readonly Kind[], name: string, inspect: Record<Kind, (name: string) => Document>): Document {
	for (const kind of kinds) {
		try {
			return inspect[kind](name);
		} catch (error) {
			if (kinds.length === 1 || !(error instanceof TsrunError) || !UNKNOWN.includes(error.code)) throw error;
		}
	}
	throw new TsrunError('TSRUN_NO_SUCH_OBJECT', `no such object: ${name}`, {
		hint: 'tsrun ps -a lists the containers, tsrun images the images',
	});
}
