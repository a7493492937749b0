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
