import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
	addMinimised,
	close,
	find,
	fit,
	maximise,
	minimise,
	NO_WINDOWS,
	open,
	restore,
	toggleList,
	type WindowLayout,
} from "../src/windows/windowLayout";

describe("the layout of chat windows", () => {
	it("opens several windows (S-35)", () => {
		const state = open(open(NO_WINDOWS, "a"), "b");
		expect(state.boxes.map((box) => [box.conversation, box.view])).toEqual([
			["a", "compact"],
			["b", "compact"],
		]);
	});

	it("keeps the position of a minimised window and restores it (S-36, S-45, S-47)", () => {
		const small = minimise(open(open(NO_WINDOWS, "a"), "b"), "a");
		expect(find(small, "a")?.view).toBe("minimised");
		expect(open(small, "a").boxes[0]).toEqual({ conversation: "a", view: "compact" });
	});

	it("maximises and restores (S-43, S-44)", () => {
		const large = maximise(open(NO_WINDOWS, "a"), "a");
		expect(find(large, "a")?.view).toBe("maximised");
		expect(find(restore(large, "a"), "a")?.view).toBe("compact");
	});

	it("replaces the maximised window by another chat", () => {
		const state = open(maximise(open(NO_WINDOWS, "a"), "a"), "b");
		expect(find(state, "a")?.view).toBe("minimised");
		expect(find(state, "b")?.view).toBe("maximised");
	});
});

describe("windows without room", () => {
	it("adds a chat as a minimised window", () => {
		const state = addMinimised(open(NO_WINDOWS, "a"), "b");
		expect(find(state, "b")?.view).toBe("minimised");
		expect(addMinimised(state, "a")).toBe(state);
	});

	it("minimises the least recently used when there is no room", () => {
		const three = open(open(open(NO_WINDOWS, "a"), "b"), "c");
		const state = fit(open(three, "a"), 2);
		expect(state.boxes.filter((box) => box.view === "compact").map((box) => box.conversation)).toEqual([
			"a",
			"c",
		]);
	});

	it("keeps its invariants after any actions", () => {
		const id = fc.constantFrom("a", "b", "c", "d");
		const step = fc.oneof(
			...[open, addMinimised, minimise, maximise, restore, close].map((act) =>
				id.map((one) => (state: WindowLayout) => act(state, one)),
			),
			fc.integer({ min: 0, max: 4 }).map((room) => (state: WindowLayout) => fit(state, room)),
			fc.constant(toggleList),
		);
		fc.assert(
			fc.property(fc.array(step), (steps) => {
				const state = steps.reduce((before, act) => act(before), NO_WINDOWS);
				const ids = state.boxes.map((box) => box.conversation);
				expect(new Set(ids).size).toBe(ids.length);
				expect(state.boxes.filter((box) => box.view === "maximised").length).toBeLessThanOrEqual(1);
				expect([...state.recent].sort()).toEqual([...ids].sort());
			}),
		);
	});
});
