import type { Command } from 'commander';
import { declareInspect } from './inspect.ts';

/** `tsrun image inspect`. */
export function declareCommand(command: Command): void {
	declareInspect(command, ['image']);
}
