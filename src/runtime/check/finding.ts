/** Something in the store that is not as it should be. */
export interface Finding {
	/** `damage` keeps an image from being what it was; `garbage` only takes room. */
	readonly kind: 'damage' | 'garbage';
	/** The blob, image, layer or file. */
	readonly what: string;
	/** Continues the sentence: `has another digest`. */
	readonly problem: string;
	/** What a repair did, or why there is none; absent where none was asked for. */
	readonly outcome?: { readonly isRepaired: boolean; readonly text: string };
}

export interface Repair {
	/** What it does, as if done: `removed; load the image again`. */
	readonly text: string;
	readonly perform: () => void | Promise<void>;
}

/** A finding, repaired where that is asked for. What a repair itself meets is told, and the check goes on. */
export async function found(
	finding: Omit<Finding, 'outcome'>,
	isRepairing: boolean,
	repair: Repair | { readonly impossible: string },
): Promise<Finding> {
	if (!isRepairing) return finding;
	if ('impossible' in repair) return { ...finding, outcome: { isRepaired: false, text: repair.impossible } };
	try {
		await repair.perform();
		return { ...finding, outcome: { isRepaired: true, text: repair.text } };
	} catch (error) {
		return { ...finding, outcome: { isRepaired: false, text: (error as Error).message } };
	}
}
