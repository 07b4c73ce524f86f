import type { Step } from '../../plan/step.ts';
import { DIFFERENCES, type Difference } from './differences.ts';
import { shellComment } from './shell-word.ts';

/** Lines with the reason of the step above them; steps of one reason share it. */
export class StepLines {
	readonly lines: string[] = [];
	readonly missing = new Set<Difference>();
	#phase = '';
	#comment = '';

	/** The reason of a step that a later command carries out. */
	note(step: Step): void {
		this.#enter(step);
		this.lines.push(commentOf(step, []));
		this.#comment = '';
	}

	add(step: Step, lines: readonly string[], missing: readonly Difference[] = []): void {
		for (const difference of missing) this.missing.add(difference);
		if (lines.length === 0 && missing.length === 0) return;
		this.#enter(step);
		if (step.why !== this.#comment || missing.length > 0) this.lines.push(commentOf(step, missing));
		this.#comment = step.why;
		this.lines.push(...lines);
	}

	#enter({ phase }: Step): void {
		if (phase === this.#phase) return;
		this.lines.push(`${this.lines.length === 0 ? '' : '\n'}# --- ${phase}`);
		this.#phase = phase;
		this.#comment = '';
	}
}

function commentOf({ why, from }: Step, missing: readonly Difference[]): string {
	const reason = shellComment(from === undefined ? why : `${why} (${from})`);
	return missing.length === 0 ? reason : `${reason}\n${missing.map(name => `#   ${DIFFERENCES[name]}`).join('\n')}`;
}

/** A function of bash. */
export function functionText(name: string, body: readonly string[]): string {
	const text = body.flatMap(line => line.split('\n')).map(line => (line === '' ? '' : `\t${line}`));
	return `${name}() {\n${text.join('\n')}\n}`;
}
