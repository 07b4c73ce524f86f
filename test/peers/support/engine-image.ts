import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { witnessImage } from '../../kernel/support/witness-image.ts';

/** What the image has of busybox, by name. */
const APPLETS =
	'cat chmod cp echo env false head hostname id ip kill ls mkdir mount nc ping printf ps pwd rm sleep stat stty test touch true wc';

/** Says `up`, then waits: says `user signal` at SIGUSR1, and ends with 3 after `terminated` at SIGTERM. */
const STAY = `#!/bin/sh
trap 'echo terminated; exit 3' TERM
trap 'echo user signal' USR1
echo up
sleep 100000 &
while kill -0 $!; do wait; done
`;

/**
 * An image for engines, called `localhost/witness:latest`: busybox, the witness, and /bin/stay, which its containers run unless
 * told. Returns the path of an archive of it.
 */
export async function engineImage(dir: string, format: 'docker-archive' | 'oci-archive'): Promise<string> {
	const layout = await witnessImage(join(dir, 'layout'), {
		busybox: true,
		files: [
			...APPLETS.split(' ').map(name => ({ name: `bin/${name}`, linkname: 'busybox' })),
			{ name: 'bin/stay', mode: 0o755, data: STAY },
			{ name: 'bin/nothing', mode: 0o644, data: 'no program\n' },
			{ name: 'bin/lost', mode: 0o755, data: '#!/bin/nowhere\n' },
		],
		config: { Entrypoint: undefined, Cmd: ['/bin/stay'], Env: ['PATH=/bin'] },
	});
	const archive = join(dir, `${format}.tar`);
	const target = `${format}:${archive}:localhost/witness:latest`;
	execFileSync('skopeo', ['copy', '--quiet', '--insecure-policy', layout, target]);
	return archive;
}
