import { describe, expect, it } from "vitest";
import type { ChatLog, LogEntries } from "../src/api/shapes";
import { addEntries, hasEarlier, hasLater } from "../src/logs/logRange";

function entries(from: number, to: number): ChatLog["entries"] {
	return Array.from({ length: to - from + 1 }, (_, index) => ({
		type: "entry" as const,
		conversation: "c",
		epoch: 1,
		seq: from + index,
		kind: "message",
	}));
}

function log(from: number, to: number, head: number): ChatLog {
	return { conversation: "c", epoch: 1, head, entries: entries(from, to) } as unknown as ChatLog;
}

function page(from: number, to: number, head = 300, epoch = 1): LogEntries {
	return { epoch, head, entries: entries(from, to) };
}

const ends = ({ entries: [first, ...others] }: ChatLog) => [first?.seq, others.at(-1)?.seq ?? first?.seq];

describe("the loaded part of a log", () => {
	it("knows what is missing", () => {
		expect([hasEarlier(log(101, 200, 300)), hasLater(log(101, 200, 300))]).toEqual([true, true]);
		expect([hasEarlier(log(1, 300, 300)), hasLater(log(1, 300, 300))]).toEqual([false, false]);
	});

	it("grows at the end that a page touches", () => {
		const part = log(101, 200, 300);
		expect(ends(addEntries(part, page(1, 100)))).toEqual([1, 200]);
		expect(ends(addEntries(part, page(201, 250)))).toEqual([101, 250]);
		expect(addEntries(part, page(201, 250, 350)).head).toBe(350);
	});

	it.each([
		["overlaps", page(150, 250)],
		["leaves a gap", page(202, 250)],
		["is there already", page(101, 200)],
		["is empty", page(1, 0)],
		["is of another epoch", page(1, 100, 300, 2)],
	])("ignores a page that %s", (_, other) => {
		const part = log(101, 200, 300);
		expect(addEntries(part, other)).toBe(part);
	});
});
