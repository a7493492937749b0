import fc from "fast-check";
import { expect, test } from "vitest";
import { charactersLeft, cleanText, isNearLimit } from "../src/writtenText";

test.each([
	["letters", "hello", 5],
	["emoji", "😀😀", 2],
	["a family of joined emoji", "👨‍👩‍👧", 5],
	["a combining accent", "e\u0301", 2],
	["old Chinese letters", "𠮷野家", 3],
	["white space around it is not sent", " \n hi \t", 2],
	["NULs are not sent", "a\0b", 2],
	["half a surrogate pair counts as the mark that replaces it", "a\ud83d", 2],
])("%s", (_name, text, length) => {
	expect(charactersLeft(text, 100)).toBe(100 - length);
});

// A busy machine takes seconds for the first of these texts.
const PATIENCE_MS = 60_000;

test(
	"counts the code points of what is sent, as Python does",
	() => {
		fc.assert(
			fc.property(fc.string({ unit: "binary" }), (text) => {
				expect(charactersLeft(text, 100)).toBe(100 - (cleanText(text).match(/[\s\S]/gu) ?? []).length);
				expect(cleanText(cleanText(text))).toBe(cleanText(text));
			}),
		);
	},
	PATIENCE_MS,
);

test("the limit is shown from nine tenths on", () => {
	expect([500, 400, 399, 0, -1].map((left) => isNearLimit(left, 4_000))).toEqual([
		false,
		false,
		true,
		true,
		true,
	]);
});
