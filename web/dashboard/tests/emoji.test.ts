import { expect, test } from "vitest";
import { EMOJI, EMOJI_COLUMNS, emojiStep, inserted } from "../src/chats/emoji";

test("every emoji occurs once, in full rows", () => {
	expect(new Set(EMOJI).size).toBe(EMOJI.length);
	expect(EMOJI.length % EMOJI_COLUMNS).toBe(0);
});

test("arrow keys move by one and by a row, and stop at the edges", () => {
	expect(emojiStep("ArrowRight", 0)).toBe(1);
	expect(emojiStep("ArrowDown", 1)).toBe(1 + EMOJI_COLUMNS);
	expect(emojiStep("ArrowUp", 1)).toBe(1);
	expect(emojiStep("End", 0)).toBe(EMOJI.length - 1);
	expect(emojiStep("a", 0)).toBeNull();
});

test("an emoji replaces the selection", () => {
	expect(inserted("hello world", "👋", 0, 5)).toEqual({ text: "👋 world", caret: 2 });
	expect(inserted("hi", "🙂", 2, 2)).toEqual({ text: "hi🙂", caret: 4 });
});
