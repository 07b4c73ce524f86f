import { S_IFDIR, S_IFMT } from '../native/flags.ts';
import type { LayerStack, StackEntry } from '../rootfs/layer-stack.ts';
import { StackTar } from '../rootfs/stack-tar.ts';
import { TAR_END } from '../rootfs/tar-writer.ts';
import { findContainerLayers, openContainerStack } from './container-layers.ts';

/**
 * The file system of a container as a tar archive, read from its layers without a mount. What is mounted in the container is no part
 * of it.
 * @throws TsrunError TSRUN_NO_SUCH_CONTAINER
 */
export function* exportContainer(
	roots: { readonly data: string; readonly state: string },
	container: string,
): Generator<Buffer> {
	const stack = openContainerStack(findContainerLayers(roots, container));
	try {
		const tar = new StackTar(stack);
		const root = stack.find('', 'follow');
		if (root !== undefined) yield* below(stack, tar, root);
		yield TAR_END;
	} finally {
		stack.close();
	}
}

function* below(stack: LayerStack, tar: StackTar, directory: StackEntry): Generator<Buffer> {
	for (const child of stack.list(directory).values()) {
		yield* tar.member(child);
		if ((child.status.mode & S_IFMT) === S_IFDIR) yield* below(stack, tar, child);
	}
}
