import { TsrunError } from '../../core/errors.ts';
import type { HttpResponse } from './http.ts';

const MAX_ERROR_BYTES = 64 * 1024;
const MAX_WORDS = 300;

export interface Asked {
	/** The image that it is about: `example.com/app:1`. */
	readonly subject: string;
	readonly host: string;
	/** What was asked for: `manifest latest`. */
	readonly what: string;
}

/** An answer that is a refusal, with the registry's own words (distribution-spec, "Error Codes"). Reads the body. */
export async function registryError(response: HttpResponse, { subject, host, what }: Asked): Promise<TsrunError> {
	const { status } = response;
	const said = await ownWords(response);
	const message = `${subject}: registry ${host} answered ${status} to ${what}${said === '' ? '' : `: ${said}`}`;
	const login = `tsrun login ${host}`;
	switch (status) {
		case 401:
			return new TsrunError('TSRUN_UNAUTHORIZED', message, { hint: `it wants a login: ${login}` });
		case 403:
			return new TsrunError('TSRUN_REGISTRY_DENIED', message, { hint: 'this login may not do that there' });
		case 404:
			return new TsrunError('TSRUN_NO_IMAGE', message);
		case 429:
			return new TsrunError('TSRUN_REGISTRY_BUSY', message, {
				hint: `it limits how often it is asked; a login may allow more: ${login}`,
			});
		default:
			return new TsrunError('TSRUN_REGISTRY', message);
	}
}

async function ownWords(response: HttpResponse): Promise<string> {
	const text = await readStart(response);
	try {
		const { errors, details, error_description: description } = JSON.parse(text) as Readonly<Record<string, unknown>>;
		const first = (Array.isArray(errors) ? errors[0] : undefined) as { code?: unknown; message?: unknown } | undefined;
		const words = [first?.message, first?.code, details, description].find(
			word => typeof word === 'string' && word !== '',
		);
		return typeof words === 'string' ? words.slice(0, MAX_WORDS) : '';
	} catch {
		// a page for a browser says nothing here
		return /^\s*</.test(text) ? '' : (text.trim().split('\n', 1)[0]?.slice(0, MAX_WORDS) ?? '');
	}
}

async function readStart({ body, drop }: HttpResponse): Promise<string> {
	const chunks: Uint8Array[] = [];
	let length = 0;
	try {
		for await (const chunk of body) {
			chunks.push(chunk);
			length += chunk.length;
			if (length > MAX_ERROR_BYTES) break;
		}
		await drop();
	} catch {
		// what came until then is all that there is
	}
	return Buffer.concat(chunks).toString('utf8');
}
