import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
	FIRST_WINDOW,
	frozenOrder,
	MAX_ROWS,
	visibleSpan,
	windowFor,
} from "../src/visitors/list/visibleRows";

describe("rows of the visitor list", () => {
	it("renders all of a short list", () => {
		expect(visibleSpan(0, 900, 56, 4)).toEqual({ first: 0, end: 4 });
	});

	it("requests a window with every rendered row, within the gateway's limit", () => {
		fc.assert(
			fc.property(
				fc.nat(300_000),
				fc.integer({ min: 100, max: 2_160 }),
				fc.nat(6_000),
				(top, height, total) => {
					const span = visibleSpan(top, height, 56, total);
					const { offset, limit } = windowFor(span);
					expect(span.first).toBeLessThanOrEqual(span.end);
					expect(offset).toBeLessThanOrEqual(span.first);
					expect(offset + limit).toBeGreaterThanOrEqual(span.end);
					expect(limit).toBeLessThanOrEqual(MAX_ROWS);
				},
			),
		);
	});

	it("requests nothing new on a small scroll", () => {
		expect(windowFor({ first: 60, end: 90 })).toEqual(windowFor({ first: 75, end: 100 }));
	});

	it("while frozen, rows keep their position and new rows go to the end", () => {
		expect(frozenOrder(["a", "b", "c"], ["d", "c", "a"])).toEqual(["a", "b", "c", "d"]);
	});
});

it("the first window is the one that a measured screen asks for, so that the list is requested once", () => {
	for (const height of [400, 900, 1300])
		expect(FIRST_WINDOW).toEqual(windowFor(visibleSpan(0, height, 56, 10_000)));
});
