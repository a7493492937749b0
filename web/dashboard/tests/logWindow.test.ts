import type { Entry } from "@palique/client";
import { describe, expect, it } from "vitest";
import { around, type LogWindow, logWindow, moved, nearest, STEP, WINDOW } from "../src/chats/logWindow";
import { type Item, transcript } from "../src/chats/transcript";

const DAY = 24 * 3_600_000;

/** A log with a divider of a day before every tenth entry; every seventh entry has no item. */
function items(count: number, from = 1): Item[] {
	const entries: Entry[] = [];
	for (let seq = from; seq < from + count; seq++)
		entries.push({
			conversation: "c",
			epoch: 1,
			seq,
			kind: seq % 7 === 0 ? "rated" : "message",
			text: `${seq}`,
			at: new Date(Math.floor(seq / 10) * DAY + seq * 1000).toISOString(),
			author: { kind: "visitor", id: "v", name: "Ana" },
		});
	return transcript(entries, null);
}

function seqs(all: Item[], { first, end }: LogWindow): number[] {
	return all.slice(first, end).flatMap((item) => ("seq" in item ? [item.seq] : []));
}

describe("logWindow", () => {
	it("is the whole of a short log", () => {
		const all = items(20);
		expect(logWindow(all, null)).toEqual({ first: 0, end: all.length });
		expect(logWindow(all, 15)).toEqual({ first: 0, end: all.length });
		expect(logWindow([], null)).toEqual({ first: 0, end: 0 });
	});

	it("is the bounded end without a begin", () => {
		const all = items(2002);
		const part = logWindow(all, null);
		expect(part.end - part.first).toBe(WINDOW);
		expect(part.end).toBe(all.length);
	});

	it("begins at an entry, with the divider above it", () => {
		const all = items(2002);
		const part = logWindow(all, 1000);
		expect(all[part.first]?.kind).toBe("day");
		expect(seqs(all, part)[0]).toBe(1000);
		expect(part.end - part.first).toBe(WINDOW);
	});

	it("keeps its begin when items come in front", () => {
		const before = seqs(items(500, 501), logWindow(items(500, 501), 600));
		expect(seqs(items(1000), logWindow(items(1000), 600))).toEqual(before);
	});
});

describe("a log window that moves", () => {
	it("shows every entry while it moves to one end and to the other", () => {
		const all = items(2002);
		const every = all.flatMap((item) => ("seq" in item ? [item.seq] : []));
		for (const by of [STEP, -STEP]) {
			const seen = new Set<number>();
			let part = by > 0 ? logWindow(all, 1) : logWindow(all, null);
			for (let turn = 0; turn < 100; turn++) {
				for (const seq of seqs(all, part)) seen.add(seq);
				if (by > 0 ? part.end === all.length : part.first === 0) break;
				const next = logWindow(all, moved(all, part, by));
				expect(next.end - next.first).toBe(WINDOW);
				// What was at the edge is still rendered, so that the scroll position can be kept.
				expect(next.first).toBeLessThan(part.end);
				expect(next.end).toBeGreaterThan(part.first);
				expect(next).not.toEqual(part);
				part = next;
			}
			expect([...seen].sort((a, b) => a - b)).toEqual(every);
		}
	});

	it("has a wanted entry in its middle", () => {
		const all = items(2002);
		for (const seq of [1, 2, 40, 1000, 1999, 2002]) {
			const shown = seqs(all, logWindow(all, around(all, seq)));
			expect(shown).toContain(nearest(all, seq));
		}
		const shown = seqs(all, logWindow(all, around(all, 1000)));
		expect(Math.abs(shown.indexOf(1000) - shown.length / 2)).toBeLessThan(15);
	});

	it("finds the next entry for one without an item, and the last one beyond the end", () => {
		const all = items(20);
		expect(nearest(all, 7)).toBe(8);
		expect(nearest(all, 0)).toBe(1);
		expect(nearest(all, 99)).toBe(20);
		expect(nearest([], 3)).toBeNull();
	});
});
