import type { Command } from 'commander';
import { declareInspect } from './store/inspect.ts';

/** `tsrun container inspect`. */
export function declareCommand(command: Command): void {
	declareInspect(command, ['container']);
}
