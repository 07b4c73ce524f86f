import { SYSCALL_TABLES } from './syscall-tables.ts';

export type Abi = keyof typeof SYSCALL_TABLES;

/** The system calls of one ABI, ascending: `numbers[i]` belongs to `names[i]`. */
export interface SyscallList {
	readonly names: readonly string[];
	readonly numbers: readonly number[];
}

const lists: { [A in Abi]?: SyscallList } = {};

/** The system calls of one ABI; read from the table at the first use. */
export function syscallList(abi: Abi): SyscallList {
	lists[abi] ??= parseTable(SYSCALL_TABLES[abi]);
	return lists[abi];
}

function parseTable(table: string): SyscallList {
	const names: string[] = [];
	const numbers: number[] = [];
	let next = 0;
	for (const word of table.split(' ')) {
		if (word <= '9~') {
			next = Number(word);
		} else {
			names.push(word);
			numbers.push(next++);
		}
	}
	return { names, numbers };
}
