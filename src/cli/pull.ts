import type { Command } from 'commander';
import { TsrunError } from '../core/errors.ts';
import { pullImage } from '../runtime/pull-image.ts';
import { openStore } from '../store/open-store.ts';
import { layerProgress } from './layer-progress.ts';
import { rootsOf } from './roots.ts';

interface Flags {
	readonly platform?: string;
	readonly allPlatforms?: boolean;
	readonly referrers?: boolean;
	readonly quiet?: boolean;
	readonly tlsVerify?: boolean;
}

/** `tsrun pull`: the reference on stdout, what happens on stderr. */
export function declareCommand(command: Command): void {
	command
		.argument('<image>', '[registry/]name[:tag][@digest]')
		.option('--platform <platform>', 'os/architecture[/variant], instead of this host’s')
		.option('--all-platforms', 'every image of an index')
		.option('--referrers', 'also what refers to the image: signatures, SBOMs')
		.option('-q, --quiet', 'no progress')
		.option('--tls-verify', 'with =false: take any certificate, and HTTP where there is no TLS')
		.action(async (image: string) => {
			const { platform, allPlatforms, referrers, quiet, tlsVerify } = command.opts<Flags>();
			if (allPlatforms === true && platform !== undefined) {
				throw new TsrunError('TSRUN_USAGE', 'pull: --platform and --all-platforms exclude each other');
			}
			const progress = layerProgress(quiet === true);
			try {
				const pulled = await pullImage(openStore(rootsOf(command).data), image, {
					env: process.env,
					platform,
					allPlatforms,
					referrers,
					tlsVerify,
					onLayer: progress.onLayer,
					onImage: ({ name, repository }) => progress.say(`${tagOf(name)}: Pulling from ${repository}`),
				});
				progress.end();
				progress.say(`Digest: ${pulled.digest}`);
				progress.say(`Status: ${pulled.isNew ? 'Downloaded newer image' : 'Image is up to date'} for ${pulled.name}`);
				process.stdout.write(`${pulled.reference}\n`);
			} finally {
				progress.end();
			}
		});
}

function tagOf(name: string): string {
	return name.slice(name.includes('@') ? name.indexOf('@') + 1 : name.lastIndexOf(':') + 1);
}
