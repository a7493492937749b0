import { expect, test } from "vitest";

const SOURCES = import.meta.glob<string>("../src/**/*.{ts,tsx}", {
	query: "?raw",
	import: "default",
	eager: true,
});
// Listeners for keys by name: `storage` events have a `key` too, but are no keys.
const READS_KEYS = /KeyboardEvent/;

const handlers = Object.entries(SOURCES).filter(
	([, text]) => READS_KEYS.test(text) && /event\.key\b/.test(text),
);

test("the key handlers are found", () => {
	expect(handlers.map(([path]) => path)).toContain("../src/chats/Composer.tsx");
});

test.each(handlers)("%s ignores the keys of a composition", (_path, text) => {
	expect(text).toMatch(/isComposing\(event\)/);
	expect(text).not.toMatch(/event\.isComposing/);
});
