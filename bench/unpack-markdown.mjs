// What `npm run bench -- unpack --markdown FILE` writes: one table a way and image, and what it was measured with.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

const seconds = ms => (ms / 1000).toFixed(2);

/** @param results in the order in which they are shown: `{ title, way, times, peakKb }` */
export function unpackMarkdown(results, { rounds, engines, absent }) {
	const tables = results.map(({ title, way, times, peakKb }) => {
		const own = times[`tsrun ${way}`].median;
		const rows = Object.entries(times).map(
			([name, { median, p25, p75 }]) =>
				`| ${name.replaceAll('|', '\\|')} | ${seconds(median)} | ${seconds(p25)}–${seconds(p75)} | ${(median / own).toFixed(2)} |`,
		);
		const head = ['seconds', 'quartiles', `÷ tsrun ${way}`];
		return [
			`**${way}: ${title}** · tsrun has ${Math.ceil(peakKb / 1024)} MiB resident at most`,
			'',
			`| | ${head.join(' | ')} |`,
			`| --- |${' ---: |'.repeat(head.length)}`,
			...rows,
			'',
		].join('\n');
	});
	const lacks = absent.length > 0 ? ` Not there: ${absent.join(', ')}.` : '';
	const load = Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[0]).toFixed(1);
	const measured = rounds === 1 ? 'One round' : `Medians of ${rounds} rounds, interleaved`;
	const words = `${measured}, with a load average of ${load} at the end.${lacks}\n${versions(engines)}.`;
	return `\n${words}\n\n${tables.join('\n')}\n`;
}

function versions(engines) {
	const first = ([command, ...args]) =>
		/[0-9]+\.[0-9.]+[0-9]/.exec(spawnSync(command, args, { encoding: 'utf8' }).stdout ?? '')?.[0];
	const programs = [
		...Object.values(engines).map(({ version }) => version),
		['umoci', '--version'],
		['tar', '--version'],
	];
	const found = programs.map(words => [words[0].split('/').pop(), first(words)]).filter(([, version]) => version);
	const kernel = readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim();
	const parts = [['Node', process.versions.node], ...found, ['Linux', kernel]].map(pair => pair.join(' '));
	return `${availableParallelism()} processors; ${parts.join(', ')}`;
}
