import type { VisitorRow } from "@palique/client";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changed, EMPTY, opened, rowsOf } from "../src/visitors/list/visitorWindow";

function row(visitor: string, title = "Home"): VisitorRow {
	return {
		visitor,
		name: visitor,
		state: "browsing",
		region: "Spain",
		country: "ES",
		page: { url: "https://shop.example/", title, at: "2026-06-01T10:00:00.000Z" },
		visits: 1,
		chats: 0,
		since: "2026-06-01T10:00:00.000Z",
		device: "Desktop",
		browser: "Firefox",
		os: "Linux",
	};
}

function ids(window: ReturnType<typeof opened>): string[] {
	return rowsOf(window).map((one) => one.visitor);
}

const start = opened(0, { total: 3, version: 5, rows: [row("a"), row("b"), row("c")] });

describe("visitor window", () => {
	it("shows the rows in the server's order (S-14)", () => {
		expect(ids(start)).toEqual(["a", "b", "c"]);
	});

	it("changes a row in place (S-15)", () => {
		const next = changed(start, {
			total: 3,
			version: 6,
			upsert: [row("b", "Cart")],
			remove: [],
			order: ["a", "b", "c"],
		});
		expect(rowsOf(next)[1]?.page.title).toBe("Cart");
		expect(ids(next)).toEqual(["a", "b", "c"]);
	});

	it("adds, removes and sorts rows", () => {
		const next = changed(start, {
			total: 3,
			version: 6,
			upsert: [row("d")],
			remove: ["a"],
			order: ["d", "c", "b"],
		});
		expect(ids(next)).toEqual(["d", "c", "b"]);
		expect(next.rows.has("a")).toBe(false);
	});
});

describe("changes of the visitor window", () => {
	it("ignores a change that is not newer", () => {
		const late = { total: 0, version: 5, upsert: [], remove: ["a", "b", "c"], order: [] };
		expect(changed(start, late)).toBe(start);
	});

	it("shows each known row once after any changes", () => {
		const id = fc.constantFrom("a", "b", "c", "d", "e");
		const change = fc.record({ upsert: fc.array(id), remove: fc.array(id), order: fc.array(id) });
		fc.assert(
			fc.property(fc.array(change), (changes) => {
				const end = changes.reduce((window, one, index) => {
					const upsert = one.upsert.map((name) => row(name));
					return changed(window, {
						total: 5,
						version: index + 1,
						upsert,
						remove: one.remove,
						order: one.order,
					});
				}, EMPTY);
				expect(new Set(end.order).size).toBe(end.order.length);
				expect(end.order.every((name) => end.rows.has(name))).toBe(true);
				expect(end.rows.size).toBe(end.order.length);
			}),
		);
	});
});
