import type { Command } from 'commander';
import { checkStore, type StoreReport } from '../../runtime/check/check-store.ts';
import type { Finding } from '../../runtime/check/finding.ts';
import { openStore } from '../../store/open-store.ts';
import { sizeText } from '../format/size-text.ts';
import { rootsOf } from '../roots.ts';

/** `tsrun system check`: one line for each finding. Ends with 1 where damage remains. */
export function declareCommand(command: Command): void {
	command
		.option('--repair', 'put right what is found: make it again, or remove it')
		.option('--format <format>', 'text or json', 'text')
		.action(async () => {
			const { repair = false, format } = command.opts<{ repair?: boolean; format: string }>();
			const report = await checkStore(openStore(rootsOf(command).data), repair);
			process.stdout.write(format === 'json' ? `${JSON.stringify(report)}\n` : reportText(report));
			const isDamaged = report.findings.some(({ kind, outcome }) => kind === 'damage' && outcome?.isRepaired !== true);
			if (isDamaged) process.exitCode = 1;
		});
}

function reportText({ findings, checked }: StoreReport): string {
	const damage = findings.filter(({ kind }) => kind === 'damage').length;
	const read = `${sizeText(checked.blobBytes)} of blobs and ${checked.layers} layers read`;
	return `${findings.map(line).join('')}${read}: ${damage} damaged, ${findings.length - damage} of no use\n`;
}

function line({ kind, what, problem, outcome }: Finding): string {
	const end =
		outcome === undefined ? '' : outcome.isRepaired ? ` (${outcome.text})` : ` (not repaired: ${outcome.text})`;
	return `${kind}: ${what} ${problem}${end}\n`;
}
