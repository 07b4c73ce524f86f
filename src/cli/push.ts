import type { Command } from 'commander';
import { pushImage } from '../runtime/push-image.ts';
import { openStore } from '../store/open-store.ts';
import { layerProgress } from './layer-progress.ts';
import { rootsOf } from './roots.ts';

interface Flags {
	readonly referrers?: boolean;
	readonly quiet?: boolean;
	readonly tlsVerify?: boolean;
}

/** `tsrun push`: the reference on stdout, what happens on stderr. */
export function declareCommand(command: Command): void {
	command
		.argument('<image>', 'name in the store')
		.argument('[destination]', '[registry/]name[:tag]; the same name unless told')
		.option('--referrers', 'also what refers to the image: signatures, SBOMs')
		.option('-q, --quiet', 'no progress')
		.option('--tls-verify', 'with =false: take any certificate, and HTTP where there is no TLS')
		.action(async (image: string, destination: string | undefined) => {
			const { referrers, quiet, tlsVerify } = command.opts<Flags>();
			const progress = layerProgress(quiet === true);
			try {
				const pushed = await pushImage(
					openStore(rootsOf(command).data),
					{ image, destination },
					{
						env: process.env,
						tlsVerify,
						referrers,
						onLayer: progress.onLayer,
						onImage: ({ repository }) => progress.say(`The push refers to repository [${repository}]`),
					},
				);
				progress.end();
				const tag = pushed.reference.slice(pushed.reference.lastIndexOf(':') + 1);
				progress.say(`${tag}: digest: ${pushed.digest} size: ${pushed.size}`);
				process.stdout.write(`${pushed.reference}\n`);
			} finally {
				progress.end();
			}
		});
}
