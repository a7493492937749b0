import fc from "fast-check";
import { expect, test } from "vitest";
import { moved } from "../src/parts/rovingSteps";

// A head with seven buttons, three rows with three controls, one with a single link.
const TABLE = [7, 3, 3, 3, 1];
const at = (row: number, control = 0) => ({ row, control });

test("up and down keep the control while the rows are alike", () => {
	expect(moved(TABLE, 1, at(1, 2), "ArrowDown")).toEqual(at(2, 2));
	expect(moved(TABLE, 1, at(3, 2), "ArrowUp")).toEqual(at(2, 2));
	expect(moved(TABLE, 1, at(3, 2), "ArrowDown")).toEqual(at(4));
	expect(moved(TABLE, 1, at(1, 2), "ArrowUp")).toEqual(at(0));
});

test("left and right stay in the row", () => {
	expect(moved(TABLE, 1, at(1), "ArrowRight")).toEqual(at(1, 1));
	expect(moved(TABLE, 1, at(1, 2), "ArrowRight")).toBeNull();
	expect(moved(TABLE, 1, at(1, 1), "ArrowLeft")).toEqual(at(1));
	expect(moved(TABLE, 1, at(1), "ArrowLeft")).toBeNull();
});

test("Home leads to the first row below the heads, End to the last one", () => {
	expect(moved(TABLE, 1, at(3, 1), "Home")).toEqual(at(1, 1));
	expect(moved(TABLE, 1, at(1, 1), "End")).toEqual(at(4));
	expect(moved([4], 0, at(0, 2), "Home")).toEqual(at(0));
	expect(moved([4], 0, at(0, 2), "End")).toEqual(at(0, 3));
});

test("the ends are ends, and other keys do nothing", () => {
	expect(moved(TABLE, 1, at(0), "ArrowUp")).toBeNull();
	expect(moved(TABLE, 1, at(4), "ArrowDown")).toBeNull();
	expect(moved(TABLE, 1, at(1), "Enter")).toBeNull();
	expect(moved([], 0, at(0), "End")).toBeNull();
});

test("a move always ends at a control", () => {
	const keys = ["ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight", "Home", "End"];
	const rows = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 6 });
	fc.assert(
		fc.property(rows, fc.nat(), fc.nat(), fc.constantFrom(...keys), (counts, row, control, key) => {
			const place = { row: row % counts.length, control: control % (counts[row % counts.length] ?? 1) };
			const to = moved(counts, Math.min(1, counts.length - 1), place, key);
			if (to) expect(to.control).toBeLessThan(counts[to.row] ?? 0);
		}),
	);
});
