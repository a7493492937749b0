import { type Chat, type Entry, emptyChat, type ServerFrame, stepChat } from "@palique/client";
import { expect, test } from "vitest";
import { entryCount, rowsOf, unreadOf } from "../src/app/rows";

const AGENT = { kind: "agent", id: "a", name: "Ada" } as const;
const ME = { kind: "visitor", id: "v", name: "Visitor" } as const;
const NOON = Date.parse("2026-03-01T12:00:00.000Z");

function entry(seq: number, minute: number, more: Partial<Entry>): ServerFrame {
	const at = new Date(NOON + minute * 60_000).toISOString();
	return {
		type: "entry",
		conversation: "c",
		epoch: 1,
		seq,
		kind: "message",
		text: `text ${seq}`,
		at,
		...more,
	};
}

function chatOf(...frames: ServerFrame[]): Chat {
	const welcome = {
		type: "welcome",
		me: ME,
		heartbeat_ms: 20_000,
		conversations: [],
	} as unknown as ServerFrame;
	return [welcome, ...frames].reduce(
		(chat, frame) => stepChat(chat, { type: "frame", frame }, NOON).chat,
		emptyChat("visitor"),
	);
}

const shape = (chat: Chat) =>
	rowsOf(chat, true).map((row) => (row.kind === "group" ? row.messages.map((m) => m.text) : row.kind));

test("messages of one person form a group until another writes, five minutes pass, or the day changes", () => {
	const chat = chatOf(
		entry(1, 0, { author: ME }),
		entry(2, 1, { author: ME }),
		entry(3, 2, { author: AGENT }),
		entry(4, 20, { author: AGENT }),
		entry(5, 24 * 60, { author: AGENT }),
	);
	expect(shape(chat)).toEqual(["day", ["text 1", "text 2"], ["text 3"], ["text 4"], "day", ["text 5"]]);
});

test("the visitor reads that the chat waits again or is passed on, and not who was asked", () => {
	const chat = chatOf(
		entry(1, 0, { kind: "opened" }),
		entry(2, 0, { kind: "assigned", agent: AGENT }),
		entry(3, 0, { kind: "requeued" }),
		entry(4, 0, { kind: "hidden" }),
		entry(5, 0, { kind: "assigned", agent: AGENT }),
		entry(6, 0, { kind: "transferred", author: AGENT }),
	);
	expect(shape(chat)).toEqual(["day", "joined", "requeued", "joined", "transferred"]);
});

test("events are shown, unknown kinds and hidden entries are not", () => {
	const chat = chatOf(
		entry(1, 0, { kind: "opened" }),
		entry(2, 0, { kind: "assigned", agent: AGENT }),
		entry(3, 0, { kind: "hidden" }),
		entry(4, 0, { kind: "of_the_future" }),
		entry(5, 0, { kind: "closed" }),
	);
	expect(shape(chat)).toEqual(["day", "joined", "closed"]);
});

test("an own message is sent, delivered to the agent who has the chat, and read by them (W-02)", () => {
	const statuses = (chat: Chat) =>
		rowsOf(chat, true).flatMap((row) => (row.kind === "group" ? row.messages.map((one) => one.status) : []));
	const sent = [entry(1, 0, { author: ME }), entry(2, 0, { author: ME })];
	expect(statuses(chatOf(...sent))).toEqual(["sent", "sent"]);
	const taken = [...sent, entry(3, 0, { kind: "assigned", agent: AGENT })];
	expect(statuses(chatOf(...taken))).toEqual(["delivered", "delivered"]);
	const read = { type: "read", conversation: "c", seq: 1, reader: AGENT } as const;
	expect(statuses(chatOf(...taken, read))).toEqual(["read", "delivered"]);
});

test("a pending message is sending, and retrying without a connection or after a time-out", () => {
	const write = { type: "write", clientId: "x", conversation: null, text: "hello", at: NOON } as const;
	const { chat } = stepChat(chatOf(), write, NOON);
	const status = (now: Chat, up: boolean) => {
		const group = rowsOf(now, up).find((row) => row.kind === "group");
		return group?.kind === "group" ? group.messages[0]?.status : null;
	};
	expect([status(chat, true), status(chat, false)]).toEqual(["sending", "retrying"]);
	expect(status(stepChat(chat, { type: "tick" }, NOON + 10_000).chat, true)).toBe("retrying");
});

test("the agents' messages after the own read mark are unread", () => {
	const chat = chatOf(
		entry(1, 0, { author: AGENT }),
		entry(2, 0, { author: ME }),
		entry(3, 0, { author: AGENT }),
	);
	expect(unreadOf(chat)).toHaveLength(2);
	expect(unreadOf(stepChat(chat, { type: "read", conversation: "c", seq: 1 }, 0).chat)).toHaveLength(1);
});

test("a bounded number of the newest entries gets rows", () => {
	const chat = chatOf(
		...Array.from({ length: 500 }, (_, index) => entry(index + 1, index, { author: AGENT })),
	);
	expect(entryCount(chat)).toBe(500);
	const texts = rowsOf(chat, true, 150).flatMap((row) =>
		row.kind === "group" ? row.messages.map((message) => message.text) : [],
	);
	expect(texts).toEqual(Array.from({ length: 150 }, (_, index) => `text ${index + 351}`));
	expect(rowsOf(chat, true, 1000)).toEqual(rowsOf(chat, true));
});
