import { type Command, Option } from 'commander';
import { TsrunError } from '../core/errors.ts';
import { listImages, type StoredImage } from '../runtime/stored-image-list.ts';
import { openStore } from '../store/open-store.ts';
import { ago } from './ago.ts';
import { collect, type Filters, labelsMatch, nameMatches, parseFilters, parseMoment } from './format/parse-filters.ts';
import { type Column, printRows, type Row } from './format/print-rows.ts';
import { sizeText } from './format/size-text.ts';
import { rootsOf } from './roots.ts';

type Field = 'Repository' | 'Tag' | 'Digest' | 'ID' | 'CreatedSince' | 'CreatedAt' | 'Size';

const COLUMNS: readonly Column<Field>[] = [
	{ field: 'Repository', head: 'REPOSITORY' },
	{ field: 'Tag', head: 'TAG' },
	{ field: 'Digest', head: 'DIGEST' },
	{ field: 'ID', head: 'IMAGE ID' },
	{ field: 'CreatedSince', head: 'CREATED' },
	{ field: 'CreatedAt', head: 'CREATED AT' },
	{ field: 'Size', head: 'SIZE' },
];
const FILTERS = ['dangling', 'label', 'reference', 'before', 'since', 'until'];

interface Flags {
	readonly quiet?: boolean;
	readonly trunc: boolean;
	readonly digests?: boolean;
	readonly format?: string;
	readonly filter?: readonly string[];
}

/** `tsrun images`: what is in the store. */
export function declareCommand(command: Command): void {
	command
		.argument('[repository]', 'only these: a name, a name with its tag, or a pattern')
		.option('-a, --all', 'accepted: there are no images between layers')
		.option('-q, --quiet', 'ids only')
		.option('--no-trunc', 'whole ids')
		.option('--digests', 'also the digests of the manifests')
		.addOption(new Option('-f, --filter <filter>', `${FILTERS.join(', ')}: KEY=VALUE`).argParser(collect))
		.option('--format <format>', 'table, json, or a template of Go')
		.action((repository: string | undefined) => {
			const { quiet, trunc, digests, format, filter = [] } = command.opts<Flags>();
			const words = repository === undefined ? filter : [...filter, `reference=${repository}`];
			const all = listImages(openStore(rootsOf(command).data));
			const images = filterImages(all, parseFilters(words, FILTERS));
			const rows = images.map(image => rowOf(image, trunc));
			if (quiet === true) process.stdout.write([...new Set(rows.map(({ ID }) => ID))].map(id => `${id}\n`).join(''));
			else {
				const shown: readonly Field[] = [
					'Repository',
					'Tag',
					...(digests ? ['Digest' as const] : []),
					'ID',
					'CreatedSince',
					'Size',
				];
				process.stdout.write(printRows(rows, { format, columns: COLUMNS, shown }));
			}
		});
}

function rowOf({ name, id, manifestDigest, created, size }: StoredImage, trunc: boolean): Row<Field> {
	const [repository, tag] = splitTag(name);
	return {
		Repository: repository,
		Tag: tag,
		Digest: manifestDigest,
		ID: trunc ? shortId(id) : id,
		CreatedSince: created === undefined ? 'N/A' : ago(created, Date.now()),
		CreatedAt: created === undefined ? 'N/A' : created,
		Size: sizeText(size),
	};
}

/** The twelve digits that docker shows of an id. */
export function shortId(id: string): string {
	return id.slice('sha256:'.length, 'sha256:'.length + 12);
}

export function splitTag(name: string | undefined): readonly [repository: string, tag: string] {
	if (name === undefined) return ['<none>', '<none>'];
	const at = name.indexOf('@');
	if (at !== -1) return [name.slice(0, at), '<none>'];
	const colon = name.lastIndexOf(':');
	return [name.slice(0, colon), name.slice(colon + 1)];
}

/** Those that fit one value of each key, and of labels all. */
function filterImages(images: readonly StoredImage[], filters: Filters): readonly StoredImage[] {
	const { dangling, label = [], reference, before = [], since = [], until = [] } = filters;
	const limits = [
		...before.map(text => ({ below: createdOf(images, text), above: Number.NEGATIVE_INFINITY })),
		...since.map(text => ({ below: Number.POSITIVE_INFINITY, above: createdOf(images, text) })),
		...until.map(text => ({ below: parseMoment('--filter until', text, Date.now()), above: Number.NEGATIVE_INFINITY })),
	];
	return images.filter(
		({ name, labels, created }) =>
			(dangling === undefined || dangling.some(value => isTrue(value) === (name === undefined))) &&
			labelsMatch(labels, label) &&
			(reference === undefined || reference.some(pattern => isMeant(name, pattern))) &&
			limits.every(({ below, above }) => timeOf(created) < below && timeOf(created) > above),
	);
}

function isMeant(name: string | undefined, pattern: string): boolean {
	return name !== undefined && (nameMatches(name, pattern) || nameMatches(splitTag(name)[0], pattern));
}

function isTrue(value: string): boolean {
	return ['1', 'true'].includes(value.toLowerCase());
}

function timeOf(created: string | undefined): number {
	return created === undefined ? 0 : Date.parse(created);
}

function createdOf(images: readonly StoredImage[], text: string): number {
	const found = images.find(
		({ name, id }) => name === text || name === `${text}:latest` || id.startsWith(`sha256:${text}`) || id === text,
	);
	if (found === undefined) throw new TsrunError('TSRUN_NO_IMAGE', `no image ${JSON.stringify(text)} in the store`);
	return timeOf(found.created);
}
