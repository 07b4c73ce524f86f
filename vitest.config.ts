import { defineConfig } from 'vitest/config';

/** How many times slower than a common machine: 20 in test/vm. Also read by test/kernel/support/slowness.ts. */
const slowness = Number(process.env.TSRUN_TEST_SLOW ?? 1);
const limits = (test: number, hook = 60_000) => ({ testTimeout: test * slowness, hookTimeout: hook * slowness });

const CLI = { include: ['test/cli/**/*.test.ts'], ...limits(120_000, 300_000), fileParallelism: false };

/** The tiers (docs/architecture.md, "Tests"). `unit` needs no root; the others run as root on a real kernel. */
export default defineConfig({
	test: {
		projects: [
			{ test: { name: 'unit', include: ['test/unit/**/*.test.ts'], ...limits(30_000) } },
			{ test: { name: 'native', include: ['test/native/**/*.test.ts'], ...limits(300_000) } },
			{ test: { name: 'kernel', include: ['test/kernel/**/*.test.ts'], ...limits(60_000), fileParallelism: false } },
			{
				test: {
					name: 'cli',
					...CLI,
					include: [...CLI.include, 'examples/**/*.test.ts'],
					env: { TSRUN_TEST_ENGINE: 'node' },
				},
			},
			{ test: { name: 'cli-bun', ...CLI, env: { TSRUN_TEST_ENGINE: 'bun' } } },
			{
				test: {
					name: 'peers',
					include: ['test/peers/**/*.test.ts'],
					...limits(300_000, 600_000),
					fileParallelism: false,
				},
			},
		],
	},
});
