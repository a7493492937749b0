import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ClientFrame, Entries, Entry } from "../src/frames";
import {
	abandonFetch,
	applyEntries,
	applyPage,
	awaitReplay,
	canFetchEarlier,
	emptyLog,
	type Log,
	markStale,
	needsFetch,
	postponeFetch,
	raiseHead,
	resetLog,
	startEarlier,
	startFetch,
	visibleEntries,
} from "../src/log";

const KINDS = ["opened", "message", "hidden", "closed", "kind_of_the_future"];

function serverLog(kinds: readonly string[], epoch = 1): Entry[] {
	return kinds.map((kind, index) => ({ conversation: "c", epoch, seq: index + 1, kind, text: `${index}` }));
}

function pageOf(server: readonly Entry[], ref: string, after: number, limit = 100): Entries {
	const items = server.slice(after, after + limit);
	const more = after + limit < server.length;
	return {
		type: "entries",
		ref,
		conversation: "c",
		epoch: server[0]?.epoch ?? 1,
		items,
		head: server.length,
		more,
	};
}

function afterOf(frame: ClientFrame): number {
	return frame.type === "fetch" ? frame.after : -1;
}

/** Answers fetches like a server, until none is due. */
function catchUp(start: Log, server: readonly Entry[], limit: number): Log {
	let log = start;
	for (let round = 0; needsFetch(log, 0); round++) {
		if (round > server.length) throw new Error("the fetching does not end");
		log = applyPage(startFetch(log, "r", 0).log, pageOf(server, "r", log.last, limit));
	}
	return log;
}

function expectPrefix(log: Log, server: readonly Entry[]): void {
	expect(log.entries).toEqual(server.slice(log.from, log.last).filter((entry) => entry.kind !== "hidden"));
	expect(log.ahead.size).toBeLessThanOrEqual(200);
	expect([...log.ahead.keys()].every((seq) => seq > log.last + 1)).toBe(true);
}

/** What happens to a copy: frames of the server, or the visitor reads back. */
const EVENTS = fc.array(
	fc.record({
		what: fc.constantFrom("entry", "page", "stale", "refused", "reset", "earlier"),
		at: fc.nat(),
	}),
	{ maxLength: 400, size: "max" },
);

describe("the copy converges (I-3, I-5)", () => {
	test("under any order of entries, pages, duplicates, losses and resets", () => {
		const kinds = fc.array(fc.constantFrom(...KINDS), { minLength: 1, maxLength: 320, size: "max" });
		fc.assert(
			fc.property(
				kinds,
				EVENTS,
				fc.integer({ min: 1, max: 100 }),
				fc.nat({ max: 320 }),
				(names, events, limit, from) => {
					const server = serverLog(names);
					let log = emptyLog("c", 1, 0, Math.min(from, server.length));
					for (const { what, at } of events) {
						const seq = at % server.length;
						if (what === "entry") log = applyEntries(log, server.slice(seq, seq + 1));
						if (what === "page") log = applyPage(log, pageOf(server, "other", seq, limit));
						if (what === "stale") log = markStale(log, seq);
						if (what === "refused") log = at % 2 ? abandonFetch(log) : postponeFetch(log, -60_000);
						if (what === "reset") log = resetLog(log, 1, seq);
						if (what === "earlier" && canFetchEarlier(log, 0)) {
							const asked = startEarlier(log, "e", 0);
							// Some answers are short, as from a server that limits the bytes of a page.
							const size = at % 3 ? asked.log.from : at;
							log = applyPage(asked.log, pageOf(server, "e", afterOf(asked.frame), size));
						}
						expectPrefix(log, server);
					}
					log = catchUp(raiseHead(log, server.length), server, limit);
					expect(log.last).toBe(server.length);
					expectPrefix(log, server);
				},
			),
		);
	});
});

describe("the copy of a new epoch (I-3, I-5)", () => {
	test("after a change of the epoch, by a reset or by the answer to a fetch", () => {
		const old = serverLog(["opened", "message"]);
		const fresh = serverLog(["opened", "closed", "message"], 2);
		const log = applyEntries(emptyLog("c", 1), old);
		expect(applyEntries(log, fresh)).toBe(log);
		const asked = startFetch(raiseHead(log, 3), "r", 0).log;
		expect(applyPage(asked, pageOf(fresh, "r", 2)).epoch).toBe(2);
		expect(catchUp(resetLog(log, 2, 3), fresh, 2).entries).toEqual(fresh);
	});
});

test("at most 200 entries are kept beyond a gap, and the entry that fills it is always applied", () => {
	const server = serverLog(Array.from({ length: 500 }, () => "message"));
	const ahead = applyEntries(emptyLog("c", 1), server.slice(1));
	expect(ahead.ahead.size).toBe(200);
	expect(applyEntries(ahead, server.slice(0, 1)).last).toBe(201);
});

test("an answer without progress stops fetching until the head grows", () => {
	const asked = startFetch(raiseHead(emptyLog("c", 1), 5), "r", 0).log;
	const log = applyPage(asked, {
		type: "entries",
		ref: "r",
		conversation: "c",
		epoch: 1,
		items: [],
		head: 5,
		more: true,
	});
	expect(needsFetch(log, 0)).toBe(false);
	expect(needsFetch(raiseHead(log, 5), 0)).toBe(true);
});

test("the replay after a hello has a time-out", () => {
	const log = awaitReplay(emptyLog("c", 1), 3, 1_000);
	expect(needsFetch(log, 1_000)).toBe(false);
	expect(needsFetch(log, 11_000)).toBe(true);
	expect(applyEntries(log, serverLog(["a", "b", "c"])).fetching).toBeNull();
});

test("early entries are shown after the copy, hidden entries never", () => {
	const server = serverLog(["message", "hidden", "message", "message", "hidden"]);
	const log = applyEntries(applyEntries(emptyLog("c", 1), server.slice(3)), server.slice(0, 1));
	expect(visibleEntries(log).map((entry) => entry.seq)).toEqual([1, 4]);
});

test("a copy that begins at the tail grows backwards by whole pages, down to the first entry", () => {
	const server = serverLog(Array.from({ length: 250 }, () => "message"));
	let log = catchUp(raiseHead(emptyLog("c", 1, 0, 150), 250), server, 100);
	expect(log.entries).toHaveLength(100);
	for (const first of [51, 1]) {
		const asked = startEarlier(log, "e", 0);
		expect(canFetchEarlier(asked.log, 0)).toBe(false);
		expect(canFetchEarlier(asked.log, 10_000)).toBe(true);
		const { after, limit } = asked.frame as Extract<ClientFrame, { type: "fetch" }>;
		log = applyPage(asked.log, pageOf(server, "e", after, limit));
		expect(log.entries[0]?.seq).toBe(first);
		expectPrefix(log, server);
	}
	expect(canFetchEarlier(log, 0)).toBe(false);
});
