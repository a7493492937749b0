import { expect, it } from "vitest";
import vectors from "../../../tests/vectors/visible_text.json";
import { hasVisibleText } from "../src/visible";

it.each(vectors.visible)("finds visible text in %j", (text) => {
	expect(hasVisibleText(text)).toBe(true);
});

it.each(vectors.blank)("finds none in %j", (text) => {
	expect(hasVisibleText(text)).toBe(false);
});
