import { expect, test } from "vitest";
import { isComposing } from "../src/composition";

test.each([
	["a plain key", { isComposing: false, keyCode: 13 }, false],
	["a key during the composition", { isComposing: true, keyCode: 229 }, true],
	["a browser that keeps the key's own code", { isComposing: true, keyCode: 13 }, true],
	["Safari's last key, after compositionend", { isComposing: false, keyCode: 229 }, true],
	["Escape in Safari's order", { isComposing: false, keyCode: 229 }, true],
])("%s", (_name, event, composing) => {
	expect(isComposing(event)).toBe(composing);
});
