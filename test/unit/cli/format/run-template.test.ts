import { describe, expect, it } from 'vitest';
import { parseTemplate } from '../../../../src/cli/format/parse-template.ts';
import { runTemplate } from '../../../../src/cli/format/run-template.ts';

const IMAGE = {
	Id: 'sha256:abc',
	Size: 1500,
	RepoTags: ['a:1', 'b:2'],
	Config: { Env: ['A=1', 'B=2'], Labels: { 'com.example/x': 'y', b: 'z' }, Cmd: null, Tty: false },
};
const run = (text: string): string => runTemplate(parseTemplate(text), IMAGE);

describe('a template prints', () => {
	it.each([
		['text as it is: } { }', 'text as it is: } { }'],
		['{{.Id}}', 'sha256:abc'],
		['{{ .ID }}-{{.Size}}', 'sha256:abc-1500'],
		['{{.RepoTags}}', '[a:1 b:2]'],
		['{{.Config.Labels}}', 'map[b:z com.example/x:y]'],
		['{{json .Config.Env}}', '["A=1","B=2"]'],
		['{{.Config.Cmd | json}}', 'null'],
		['{{json .}}', JSON.stringify(IMAGE)],
		['{{.Config.Missing.Deeper}}', '<no value>'],
		['{{join .RepoTags ", "}}', 'a:1, b:2'],
		['{{index .Config.Labels "com.example/x"}}', 'y'],
		['{{index .RepoTags 1}}', 'b:2'],
		['{{len .RepoTags}} {{len .Id}}', '2 10'],
		['{{upper "a}}b"}}{{lower `Q`}}{{title "ab cd"}}', 'A}}BqAb Cd'],
		['{{split .Id ":" | json}}', '["sha256","abc"]'],
		['{{range .Config.Env}}<{{.}}>{{end}}', '<A=1><B=2>'],
		['{{range .Config.Cmd}}x{{else}}none{{end}}', 'none'],
		['{{range .RepoTags}}{{println .}}{{end}}', 'a:1\nb:2\n'],
		['{{if .Config.Tty}}tty{{else}}none{{end}}', 'none'],
		['{{if eq .Size 1500}}{{if not .Config.Cmd}}both{{end}}{{end}}', 'both'],
		['{{if ne .Size 1}}a {{- /* a comment */ -}} b{{end}}', 'ab'],
	])('%s', (template, expected) => {
		expect(run(template)).toBe(expected);
	});
});

describe('a template is refused by what it does not know', () => {
	it.each([
		['{{.Id', /not closed/],
		['{{}}', /is empty/],
		['{{.Id | }}', /is empty/],
		['{{frob .Id}}', /the function frob is not known/],
		['{{constructor .Id}}', /the function constructor is not known/],
		['{{(len .Id)}}', /"\(len \.Id\)"/],
		['{{$x := .Id}}', /"\$x := \.Id"/],
		['{{if .Id}}x', /has no \{\{end\}\}/],
		['{{end}}', /closes nothing/],
		['{{else}}', /closes nothing/],
		['{{.Id .Size}}', /only a function takes some/],
		['{{json "a\\q"}}', /not a valid string/],
	])('%s', (template, message) => {
		expect(() => run(template)).toThrow(
			expect.objectContaining({
				code: 'TSRUN_BAD_FORMAT',
				message: expect.stringMatching(message),
				hint: expect.any(String),
			}),
		);
	});

	it('a field that a list does not have', () => {
		expect(() => runTemplate(parseTemplate('{{.Foo}}'), { ID: 'x' }, ['ID', 'Tag'])).toThrow(
			expect.objectContaining({ message: 'format: there is no field .Foo', hint: 'there are .ID .Tag' }),
		);
	});
});
