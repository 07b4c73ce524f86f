/** When a step was carried out, in nanoseconds since the epoch. */
export interface StepTimes {
	readonly began: bigint;
	/** Not where the step became the program, nor where it was still going on. */
	readonly ended?: bigint;
	/** Also one that the step accepts. */
	readonly errno?: number;
}
