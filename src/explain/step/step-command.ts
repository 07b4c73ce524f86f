/** What a person asks for while a step is held. */
export type StepCommand =
	| { readonly kind: 'next'; readonly count: number }
	/** Without a place: to the next breakpoint. */
	| { readonly kind: 'continue'; readonly to?: string }
	| { readonly kind: 'skip' }
	/** Without a command: an interactive shell. */
	| { readonly kind: 'sh' | 'host'; readonly command?: string }
	/** Without a topic: all. */
	| { readonly kind: 'info'; readonly topic?: string }
	| { readonly kind: 'quit' }
	| { readonly kind: 'help' }
	/** What to say to it. */
	| { readonly kind: 'wrong'; readonly problem: string };

const NAMES = ['next', 'continue', 'skip', 'sh', 'host', 'info', 'quit', 'help'] as const;
type Name = (typeof NAMES)[number];

const SHORT: Readonly<Record<string, Name>> = {
	n: 'next',
	c: 'continue',
	s: 'skip',
	i: 'info',
	q: 'quit',
	h: 'help',
	'?': 'help',
};

export const STEP_HELP = `  next [N]          carry out this step, or N steps; also an empty line
  continue [PLACE]  to the next breakpoint, or to PLACE: 17, init:17, pivot_root, mounts
  skip              go on without this step
  sh [COMMAND]      a shell in the half-built container, or one command there: from pivot_root on the image's, as root
  host [COMMAND]    a shell on the host beside it
  info [TOPIC]      all that /proc tells of host and container, or: namespaces, mounts, ids, …
  quit              undo everything, and end; also Ctrl-C and the end of input
  help              this; n, c, s, i, q and h stand for the words
`;

export function parseStepCommand(line: string): StepCommand {
	const [, word = '', rest = ''] = /^\s*(\S*)\s*(.*?)\s*$/s.exec(line) ?? [];
	if (word === '') return { kind: 'next', count: 1 };
	const name = NAMES.find(each => each === word) ?? (Object.hasOwn(SHORT, word) ? SHORT[word] : undefined);
	if (name === undefined)
		return { kind: 'wrong', problem: `there is no command ${JSON.stringify(word.slice(0, 40))}: help lists them` };
	switch (name) {
		case 'next':
			return nextOf(rest);
		case 'continue':
			return { kind: name, ...(rest === '' ? {} : { to: rest }) };
		case 'sh':
		case 'host':
			return { kind: name, ...(rest === '' ? {} : { command: rest }) };
		case 'info':
			return { kind: name, ...(rest === '' ? {} : { topic: rest }) };
		default:
			return rest === '' ? { kind: name } : { kind: 'wrong', problem: `${name} takes nothing after it` };
	}
}

function nextOf(rest: string): StepCommand {
	if (rest === '') return { kind: 'next', count: 1 };
	if (/^[1-9]\d{0,5}$/.test(rest)) return { kind: 'next', count: Number(rest) };
	return { kind: 'wrong', problem: `next: ${JSON.stringify(rest.slice(0, 40))} is not a number of steps` };
}
