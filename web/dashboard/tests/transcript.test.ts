import type { Entry } from "@palique/client";
import { describe, expect, it } from "vitest";
import { transcript } from "../src/chats/transcript";

const ana = { kind: "visitor", id: "v", name: "Ana" } as const;
const luis = { kind: "agent", id: "a", name: "Luis" } as const;

function entry(seq: number, at: string, fields: Partial<Entry>): Entry {
	return {
		conversation: "c",
		epoch: 1,
		seq,
		kind: "message",
		text: `text ${seq}`,
		at,
		author: ana,
		...fields,
	};
}

function kinds(entries: Entry[], unreadFrom: number | null = null): string[] {
	return transcript(entries, unreadFrom).map((item) => item.kind);
}

describe("transcript", () => {
	it("puts a divider before each day (S-54)", () => {
		const entries = [entry(1, "2026-06-01T12:00:00.000Z", {}), entry(2, "2026-06-03T12:00:00.000Z", {})];
		expect(kinds(entries)).toEqual(["day", "message", "day", "message"]);
	});

	it("groups consecutive messages of one person (S-55, S-56)", () => {
		const items = transcript(
			[
				entry(1, "2026-06-01T12:00:00.000Z", {}),
				entry(2, "2026-06-01T12:01:00.000Z", {}),
				entry(3, "2026-06-01T12:02:00.000Z", { author: luis }),
				entry(4, "2026-06-01T12:03:00.000Z", { author: luis, kind: "note" }),
				entry(5, "2026-06-01T12:20:00.000Z", { author: luis, kind: "note" }),
			],
			null,
		);
		const first = items.flatMap((item) =>
			item.kind === "message" || item.kind === "note" ? [item.first] : [],
		);
		expect(first).toEqual([true, false, true, true, true]);
	});
});

describe("events", () => {
	it("say who took the chat over, gave it back or passed it on, with the note for the next agent", () => {
		const at = "2026-06-01T12:00:00.000Z";
		const pia = { kind: "agent", id: "p", name: "Pia" } as const;
		const items = transcript(
			[
				entry(1, at, { kind: "assigned", author: luis, agent: luis, by: "accept" }),
				entry(2, at, { kind: "assigned", author: pia, agent: pia, by: "take_over" }),
				entry(3, at, { kind: "requeued", author: pia, agent: pia, reason: "released" }),
				entry(4, at, { kind: "requeued", agent: luis, reason: "agent_lost" }),
				entry(5, at, { kind: "transferred", author: luis, to_agent: pia, note: "Speaks French" }),
				entry(6, at, { kind: "transferred", author: luis, to_department: "sales" }),
			],
			null,
		);
		const events = items.flatMap((item) => (item.kind === "event" ? [item] : []));
		expect(events.map(({ event, who, to }) => [event, who.name, to?.name])).toEqual([
			["assigned", "Luis", undefined],
			["taken_over", "Pia", undefined],
			["released", "Pia", undefined],
			["agent_lost", "Luis", undefined],
			["transferred_to", "Luis", "Pia"],
			["transferred", "Luis", undefined],
		]);
		expect(events[4]?.note).toBe("Speaks French");
	});
});

describe("the lines between messages", () => {
	it("draws the unread line once, before the visitor's first new message", () => {
		const entries = [
			entry(1, "2026-06-01T12:00:00.000Z", {}),
			entry(2, "2026-06-01T12:00:01.000Z", { author: luis }),
			entry(3, "2026-06-01T12:00:02.000Z", {}),
			entry(4, "2026-06-01T12:00:03.000Z", {}),
		];
		expect(kinds(entries, 1)).toEqual(["day", "message", "message", "unread", "message", "message"]);
		expect(kinds(entries, 4)).not.toContain("unread");
	});

	it("shows events and skips unknown kinds", () => {
		const at = "2026-06-01T12:00:00.000Z";
		const entries = [
			entry(1, at, { kind: "opened" }),
			entry(2, at, { kind: "hologram" }),
			entry(3, at, { kind: "closed" }),
		];
		expect(kinds(entries)).toEqual(["day", "event", "event"]);
	});
});
