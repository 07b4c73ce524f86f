import { type Command, Option } from 'commander';
import { listImages, type StoredImage } from '../runtime/stored-image-list.ts';
import { openStore } from '../store/open-store.ts';
import { ago } from './ago.ts';
import { rootsOf } from './roots.ts';
import { table } from './table.ts';

/** `tsrun images`: what is in the store. */
export function declareCommand(command: Command): void {
	command
		.option('-q, --quiet', 'ids only')
		.option('--no-trunc', 'whole ids')
		.option('--digests', 'also the digests of the manifests')
		.addOption(new Option('--format <format>', 'table or json').choices(['table', 'json']).default('table'))
		.action(() => {
			const { quiet, trunc, digests, format } = command.opts<{
				quiet?: boolean;
				trunc: boolean;
				digests?: boolean;
				format: string;
			}>();
			const images = listImages(openStore(rootsOf(command).data));
			const idOf = ({ id }: StoredImage): string => (trunc ? id.slice('sha256:'.length, 'sha256:'.length + 12) : id);
			if (quiet === true) process.stdout.write([...new Set(images.map(idOf))].map(id => `${id}\n`).join(''));
			else if (format === 'json') process.stdout.write(images.map(image => `${JSON.stringify(image)}\n`).join(''));
			else {
				const head = ['REPOSITORY', 'TAG', ...(digests === true ? ['DIGEST'] : []), 'IMAGE ID', 'CREATED', 'SIZE'];
				process.stdout.write(
					table(
						head,
						images.map(image => row(image, idOf(image), digests === true)),
					),
				);
			}
		});
}

function row({ name, manifestDigest, created, size }: StoredImage, id: string, digests: boolean): readonly string[] {
	const colon = name === undefined ? -1 : name.lastIndexOf(':');
	const [repository, tag] = name === undefined ? ['<none>', '<none>'] : [name.slice(0, colon), name.slice(colon + 1)];
	return [
		repository,
		tag,
		...(digests ? [manifestDigest] : []),
		id,
		created === undefined ? 'N/A' : ago(created, Date.now()),
		sizeText(size),
	];
}

/** Decimal units with three digits, as docker prints sizes: `12.3MB`. */
function sizeText(bytes: number): string {
	const units = ['B', 'kB', 'MB', 'GB', 'TB'];
	const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3));
	return `${Number((bytes / 1000 ** power).toPrecision(3))}${units[power]}`;
}
