import { expect, test } from "vitest";

// All modules of the web applications.
const SOURCES = Object.entries(
	import.meta.glob<string>("../../{client,ui,widget,dashboard}/src/**/*.{ts,tsx}", {
		query: "?raw",
		import: "default",
		eager: true,
	}),
);

const having = (pattern: RegExp) => SOURCES.filter(([, text]) => pattern.test(text)).map(([path]) => path);

test("the modules of all applications are found", () => {
	for (const name of ["ui", "widget", "dashboard", "client"])
		expect(
			SOURCES.filter(([path]) => path.includes(name === "ui" ? "../src/" : `/${name}/src/`)),
		).not.toEqual([]);
});

test("no field cuts a pasted text: limits are shown by LimitNotice", () => {
	expect(having(/maxlength=/i)).toEqual([]);
});

test("every handler of keys ignores the keys of a composition, by one rule", () => {
	const handlers = SOURCES.filter(
		([, text]) =>
			/keydown|keyup|KeyDown|KeyUp|KeyboardEvent/.test(text) && /event\.key\b|\{ key\b.*\) =>/.test(text),
	);
	const paths = handlers.map(([path]) => path);
	for (const name of ["widget/src/app/Composer", "widget/src/panel/hostPage", "dashboard/src/chats/Composer"])
		expect(paths.some((path) => path.includes(name))).toBe(true);
	expect(handlers.filter(([, text]) => !/isComposing\(event\)/.test(text)).map(([path]) => path)).toEqual([]);
	// The event's own field is false for the last key in Safari.
	expect(having(/\.isComposing|, isComposing,/)).toEqual([expect.stringContaining("composition.ts")]);
});

test("people write, and read what people wrote, in the direction of the text", () => {
	const tags = SOURCES.flatMap(([path, text]) =>
		[...text.matchAll(/<(textarea|input|h1|h2|span|strong|p|a|Link)\b(?:[^>]|=>)*>/g)].map(([tag]) => ({
			path,
			tag,
		})),
	);
	const without = (pattern: RegExp) =>
		tags.filter(
			({ tag }) => pattern.test(tag) && !/dir="auto"|\{\.\.\.shared\}|type="(color|file)"|hidden/.test(tag),
		);
	expect(without(/^<(textarea|input)\b/).map(({ path }) => path)).toEqual([
		// A colour is written from left to right in every language.
		expect.stringContaining("ColourField"),
	]);
	// One line that is cut at its end: a name, a title, a preview. Addresses are read from left to right.
	const addresses = /VisitorLine|Facts/;
	expect(without(/class=("[^"]*\bcut\b|\{[^}]*\bcut\b)/).filter(({ path }) => !addresses.test(path))).toEqual(
		[],
	);
	expect(without(/class="words"/)).toEqual([]);
});
