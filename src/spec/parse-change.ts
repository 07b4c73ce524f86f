import { badFlag } from './bad-flag.ts';

/** The `config` object of an image, as its document has it. */
export type ConfigDocument = Readonly<Record<string, unknown>>;

/**
 * Reads one `--change` of commit and import, an instruction of a Dockerfile.
 * @returns what the instruction makes of a configuration
 * @throws TsrunError TSRUN_BAD_FLAG
 */
export function parseChange(text: string): (config: ConfigDocument) => ConfigDocument {
	const [, name = '', rest = ''] = /^\s*([A-Za-z]+)(?:\s+([\s\S]*\S))?\s*$/.exec(text) ?? [];
	const instruction = name.toUpperCase();
	if (!Object.hasOwn(INSTRUCTIONS, instruction)) {
		const problem = `is none of ${Object.keys(INSTRUCTIONS).join(', ')}`;
		throw badFlag('--change', text, { problem, example: `--change 'CMD ["sh"]'` });
	}
	if (rest === '' && !['CMD', 'ENTRYPOINT'].includes(instruction)) {
		throw badFlag('--change', text, { problem: 'has no value', example: `--change 'ENV KEY=value'` });
	}
	return INSTRUCTIONS[instruction]?.(rest, text) ?? (config => config);
}

type Instruction = (rest: string, text: string) => (config: ConfigDocument) => ConfigDocument;

const INSTRUCTIONS: Readonly<Record<string, Instruction>> = {
	CMD: rest => set('Cmd', words(rest)),
	ENTRYPOINT: rest => set('Entrypoint', words(rest)),
	ENV: (rest, text) => config => {
		const added = pairs(rest, text);
		const old = (config.Env as readonly string[] | undefined) ?? [];
		const kept = old.filter(each => !added.some(([key]) => each.startsWith(`${key}=`)));
		return { ...config, Env: [...kept, ...added.map(([key, value]) => `${key}=${value}`)] };
	},
	EXPOSE: rest =>
		addKeys(
			'ExposedPorts',
			rest.split(/\s+/).map(port => (port.includes('/') ? port : `${port}/tcp`)),
		),
	LABEL: (rest, text) => config => ({
		...config,
		Labels: { ...(config.Labels as object | undefined), ...Object.fromEntries(pairs(rest, text)) },
	}),
	ONBUILD: rest => config => ({
		...config,
		OnBuild: [...((config.OnBuild as readonly string[] | undefined) ?? []), rest],
	}),
	STOPSIGNAL: rest => set('StopSignal', rest),
	USER: rest => set('User', rest),
	VOLUME: rest => addKeys('Volumes', jsonWords(rest) ?? rest.split(/\s+/)),
	WORKDIR: (rest, text) => config => {
		if (rest.startsWith('/')) return { ...config, WorkingDir: rest };
		const base = config.WorkingDir;
		if (typeof base !== 'string' || base === '') {
			throw badFlag('--change', text, { problem: 'is not an absolute path', example: `--change 'WORKDIR /srv'` });
		}
		return { ...config, WorkingDir: `${base.replace(/\/$/, '')}/${rest}` };
	},
};

function set(key: string, value: unknown): (config: ConfigDocument) => ConfigDocument {
	return config => ({ ...config, [key]: value });
}

function addKeys(key: string, names: readonly string[]): (config: ConfigDocument) => ConfigDocument {
	return config => ({
		...config,
		[key]: { ...(config[key] as object | undefined), ...Object.fromEntries(names.map(name => [name, {}])) },
	});
}

/** The exec form, or the shell form, which a shell runs. */
function words(rest: string): readonly string[] {
	return rest === '' ? [] : (jsonWords(rest) ?? ['/bin/sh', '-c', rest]);
}

function jsonWords(text: string): readonly string[] | undefined {
	try {
		const value: unknown = JSON.parse(text);
		return Array.isArray(value) && value.every(each => typeof each === 'string') ? value : undefined;
	} catch {
		return undefined;
	}
}

/** `KEY=value KEY="a value"`, or `KEY a value`. */
function pairs(rest: string, text: string): readonly (readonly [key: string, value: string])[] {
	const old = /^([^\s=]+)\s+([\s\S]+)$/.exec(rest);
	if (old !== null) return [[old[1] ?? '', old[2] ?? '']];
	const found = [...rest.matchAll(/\s*([^\s="']+|"(?:[^"\\]|\\.)*")=((?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s"'\\])*)/gy)];
	if (
		found
			.map(([whole]) => whole)
			.join('')
			.trim() !== rest.trim()
	) {
		throw badFlag('--change', text, { problem: 'is not of the form KEY=VALUE', example: `--change 'ENV KEY=value'` });
	}
	return found.map(([, key = '', value = '']) => [unquote(key), unquote(value)] as const);
}

function unquote(text: string): string {
	return text.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/g, (_, double, single, escaped) =>
		double === undefined ? (single ?? escaped ?? '') : String(double).replace(/\\(["\\$])/g, '$1'),
	);
}
