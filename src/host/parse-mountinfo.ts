/** One line of /proc/[pid]/mountinfo (proc(5)). */
export interface MountEntry {
	readonly id: number;
	readonly parent: number;
	/** The directory of the file system that the mount shows. */
	readonly root: string;
	readonly mountpoint: string;
	/** Options of this mount, beginning with `ro` or `rw`. */
	readonly options: readonly string[];
	readonly type: string;
	readonly source: string;
	/** Options of the file system, beginning with `ro` or `rw`. */
	readonly superOptions: readonly string[];
}

/** Where the optional fields begin; any number of them, ended by `-`. */
const FIRST_OPTIONAL_FIELD = 6;

/** Reads /proc/[pid]/mountinfo, in time linear in its length. A line of another form is left out. */
export function parseMountinfo(text: string): readonly MountEntry[] {
	return text.split('\n').flatMap(line => parseLine(line) ?? []);
}

function parseLine(line: string): MountEntry | undefined {
	const fields = line.split(' ');
	const separator = fields.indexOf('-', FIRST_OPTIONAL_FIELD);
	if (separator < 0) return undefined;
	const [id, parent, , root = '', mountpoint = '', options = ''] = fields;
	return {
		id: Number(id),
		parent: Number(parent),
		root: unmangle(root),
		mountpoint: unmangle(mountpoint),
		options: options.split(','),
		type: unmangle(fields[separator + 1] ?? ''),
		source: unmangle(fields[separator + 2] ?? ''),
		superOptions: unmangle(fields[separator + 3] ?? '').split(','),
	};
}

/** The kernel writes space, tab, newline, `#` and backslash as three octal digits. */
function unmangle(field: string): string {
	if (!field.includes('\\')) return field;
	return field.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
