import { defineConfig } from 'vitest/config';

/** The tiers (docs/architecture.md, "Tests"). `unit` needs no root; the others run as root on a real kernel. */
export default defineConfig({
	test: {
		projects: [
			{ test: { name: 'unit', include: ['test/unit/**/*.test.ts'] } },
			{ test: { name: 'native', include: ['test/native/**/*.test.ts'], testTimeout: 300_000 } },
			{ test: { name: 'kernel', include: ['test/kernel/**/*.test.ts'], testTimeout: 60_000, fileParallelism: false } },
			{ test: { name: 'cli', include: ['test/cli/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 300_000, fileParallelism: false } },
			{ test: { name: 'peers', include: ['test/peers/**/*.test.ts'], testTimeout: 300_000, hookTimeout: 600_000, fileParallelism: false } },
		],
	},
});
