/** How many times slower than a common machine this one is: 20 in the emulated one. Every time limit of a test is multiplied. */
export const SLOWNESS = Number(process.env.TSRUN_TEST_SLOW ?? 1);

/** Of steps, rounds and bytes by the thousand, a slow machine takes one in so many. test/vm/left-out.mjs names the files. */
export const STRIDE = SLOWNESS > 1 ? 8 : 1;
