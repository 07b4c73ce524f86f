/** How many times slower than a common machine this one is: 20 in the emulated one. Every time limit of a test is multiplied. */
export const SLOWNESS = Number(process.env.TSRUN_TEST_SLOW ?? 1);
