// count.mjs REPORT…: sums vitest's JSON reports to `N passed, N failed`, and ends with 1 where anything failed. A report that
// is not there is a failure, so is a file that could not be loaded, and so is a test that was skipped. What failed is named just
// before the sum: who sees only the end of a long output still sees that.
import { existsSync, readFileSync } from 'node:fs';

const MESSAGE_LINES = 30;

function nameFailures({ testResults }) {
	for (const { name, assertionResults } of testResults) {
		for (const { fullName, failureMessages } of assertionResults.filter(test => test.status === 'failed')) {
			process.stdout.write(`failed: ${name}: ${fullName}\n`);
			const lines = failureMessages.join('\n').split('\n').slice(0, MESSAGE_LINES);
			process.stdout.write(lines.map(line => `    ${line}\n`).join(''));
		}
	}
}

function countReport(path) {
	if (!existsSync(path)) {
		process.stdout.write(`no report: ${path}\n`);
		return { passed: 0, failed: 1 };
	}
	const report = JSON.parse(readFileSync(path, 'utf8'));
	const unloaded = report.testResults.filter(
		({ status, assertionResults }) => status === 'failed' && !assertionResults.some(test => test.status === 'failed'),
	);
	for (const { name } of unloaded) process.stdout.write(`not loaded: ${name}\n`);
	nameFailures(report);
	const skipped = report.numPendingTests + report.numTodoTests;
	if (skipped > 0) process.stdout.write(`skipped: ${skipped} in ${path}\n`);
	const failed = report.numFailedTests + unloaded.length + skipped;
	return { passed: report.numPassedTests, failed: failed === 0 && !report.success ? 1 : failed };
}

const counts = process.argv.slice(2).map(countReport);
const sum = key => counts.reduce((total, count) => total + count[key], 0);
process.stdout.write(`${sum('passed')} passed, ${sum('failed')} failed\n`);
process.exitCode = sum('failed') === 0 ? 0 : 1;
