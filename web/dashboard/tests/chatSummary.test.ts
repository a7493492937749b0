import { type ConversationState, type Entry, emptyChat, stepChat, type Thread } from "@palique/client";
import { describe, expect, it } from "vitest";
import { byNeed, type ChatSummary, chatSummary, unreadOf } from "../src/chats/chatSummary";

const me = { kind: "agent", id: "a1", name: "Elena" } as const;
const ana = { kind: "visitor", id: "v1", name: "Ana" } as const;
const at = "2026-06-01T10:00:00.000Z";

const waiting: ConversationState = {
	conversation: "c",
	epoch: 1,
	head: 2,
	status: "waiting",
	visitor: { id: "v1", name: "Ana" },
	assignee: null,
	started_by: "visitor",
	started_at: at,
	ended_at: null,
};

const opened: Entry = {
	conversation: "c",
	epoch: 1,
	seq: 1,
	kind: "opened",
	started_by: "visitor",
	author: ana,
	at,
};

function entry(seq: number, fields: Partial<Entry>): Entry {
	return {
		conversation: "c",
		epoch: 1,
		seq,
		kind: "message",
		author: ana,
		text: `text ${seq}`,
		at,
		...fields,
	};
}

function threadOf(state: ConversationState, entries: Entry[]): Thread {
	let chat = stepChat(emptyChat("agent"), { type: "open", state }, 0).chat;
	for (const one of entries)
		chat = stepChat(chat, { type: "frame", frame: { type: "entry", ...one } }, 0).chat;
	return chat.threads.get("c") as Thread;
}

function talkOf(state: ConversationState, entries: Entry[]): ChatSummary {
	const thread = threadOf(state, entries);
	return chatSummary(state, thread, me, unreadOf(thread, 0));
}

describe("the summary of a conversation whose log is not loaded", () => {
	it("shows the first line of a waiting visitor before the log is loaded", () => {
		const state = { ...waiting, preview: "Where is it?\u202e" };
		expect(chatSummary(state, undefined, me, 0).lastText).toBe("Where is it?");
		expect(talkOf(state, [opened, entry(2, { text: "Hello?" })]).lastText).toBe("Hello?");
	});

	it("has the server's last line and wait for an answer before the log is loaded", () => {
		const since = "2026-06-01T10:05:00.000Z";
		const told = { ...waiting, status: "active", last_line: "Anybody?", unanswered_since: since } as const;
		const seen = [chatSummary(told, undefined, me, 0), chatSummary(told, threadOf(told, [opened]), me, 0)];
		expect(seen.map(({ lastText, waitingSince }) => [lastText, waitingSince])).toEqual([
			["Anybody?", since],
			["Anybody?", since],
		]);
		const taken = entry(3, { kind: "assigned", author: me, agent: me });
		expect(talkOf(told, [opened, entry(2, {}), taken, entry(4, { author: me })])).toMatchObject({
			lastText: "text 4",
			waitingSince: null,
		});
		expect(chatSummary({ ...told, status: "closed" }, undefined, me, 0).waitingSince).toBeNull();
	});

	it("has the server's last time before the log is loaded, then that of the newest entry", () => {
		const last = "2026-06-01T10:07:00.000Z";
		const state = { ...waiting, last_at: "2026-06-01T10:05:00.000Z" };
		expect(chatSummary(waiting, undefined, me, 0).lastAt).toBe(at);
		expect(chatSummary(state, undefined, me, 0).lastAt).toBe(state.last_at);
		expect(talkOf(state, [opened, entry(2, { at: last })]).lastAt).toBe(last);
	});
});

describe("the summary of a conversation", () => {
	it("counts a message of an integration neither as a question nor as an answer", () => {
		const crm = { kind: "integration", id: "crm" } as const;
		const since = "2026-06-01T10:04:00.000Z";
		const taken = entry(2, { kind: "assigned", author: me, agent: me });
		const told = [opened, taken, entry(3, { author: crm })];
		expect(talkOf(waiting, told)).toMatchObject({ lastText: "text 3", waitingSince: null });
		const asked = [...told, entry(4, { at: since }), entry(5, { author: crm })];
		expect(talkOf(waiting, asked)).toMatchObject({ lastText: "text 5", waitingSince: since });
	});

	it("shows nobody typing in a closed chat, also when the frame comes late", () => {
		const active = { ...waiting, status: "active", assignee: { id: "a1", name: "Elena" } } as const;
		const typing = (status: "active" | "closed") => {
			const thread = threadOf({ ...active, status }, []);
			const who = new Map([["v1", { who: ana, until: 9_000 }]]);
			return chatSummary({ ...active, status }, { ...thread, typing: who }, me, 0).typing;
		};
		expect([typing("active"), typing("closed")]).toEqual([true, false]);
	});

	it("folds new entries over the server's state when only the end of the log is loaded", () => {
		const long = { ...waiting, head: 500, status: "active", assignee: { id: "a1", name: "Elena" } } as const;
		const tail = Array.from({ length: 100 }, (_, index) => entry(401 + index, {}));
		expect(talkOf(long, tail)).toMatchObject({ status: "active", mine: true, lastText: "text 500" });
		const closed = entry(501, { kind: "closed", author: me });
		expect(talkOf(long, [...tail, closed])).toMatchObject({ status: "closed", mine: true });
	});

	it("shows the last text without bidi controls", () => {
		expect(talkOf(waiting, [opened, entry(2, { text: "evil \u202egnp.exe" })]).lastText).toBe("evil gnp.exe");
	});
});

describe("a summary and the state of the server", () => {
	it("includes entries newer than the server's state", () => {
		const taken = entry(3, {
			kind: "assigned",
			author: me,
			agent: { kind: "agent", id: "a1", name: "Elena" },
		});
		const chat = talkOf(waiting, [opened, entry(2, {}), taken]);
		expect([chat.status, chat.mine, chat.lastText]).toEqual(["active", true, "text 2"]);
		expect(talkOf(waiting, [opened, entry(2, {}), taken, entry(4, { kind: "closed" })]).status).toBe(
			"closed",
		);
	});

	it("uses the server's state while entries are missing", () => {
		const state: ConversationState = {
			...waiting,
			head: 9,
			status: "active",
			assignee: { id: "a2", name: "Carlos" },
		};
		const chat = talkOf(state, [opened]);
		expect([chat.status, chat.mine, chat.assignee?.name]).toEqual(["active", false, "Carlos"]);
	});
});

describe("what waits for an agent", () => {
	it("counts the visitor's unread messages, not notes or own messages", () => {
		const entries = [
			opened,
			entry(2, {}),
			entry(3, {}),
			entry(4, { author: me }),
			entry(5, { author: me, kind: "note" }),
		];
		const thread = threadOf({ ...waiting, head: 5 }, entries);
		expect([unreadOf(thread, 0), unreadOf(thread, 2), unreadOf(thread, 5)]).toEqual([2, 1, 0]);
	});

	it("waits from the first message that no agent has answered", () => {
		const minute = (seq: number, fields: Partial<Entry>) =>
			entry(seq, { at: `2026-06-01T10:0${seq}:00.000Z`, ...fields });
		const since = (...entries: Entry[]) => talkOf(waiting, entries).waitingSince?.slice(14, 16) ?? null;
		const taken = minute(2, { kind: "assigned", author: me, agent: me });
		const asked = [opened, taken, minute(3, {}), minute(4, {})];
		const answered = [...asked, minute(5, { kind: "note", author: me }), minute(6, { author: me })];
		expect([since(opened), since(opened, taken), since(...asked)]).toEqual(["00", null, "03"]);
		expect([since(...answered.slice(0, 5)), since(...answered)]).toEqual(["03", null]);
		expect(since(...answered, minute(7, {}))).toBe("07");
		expect(since(...asked, minute(5, { kind: "closed", author: me }))).toBeNull();
	});
});

describe("the order of summaries", () => {
	it("sorts the longest wait first, then the latest message", () => {
		const base = talkOf(waiting, [opened]);
		const chats: ChatSummary[] = [
			{
				...base,
				conversation: "old talk",
				status: "active",
				waitingSince: null,
				lastAt: "2026-06-01T10:01:00.000Z",
			},
			{
				...base,
				conversation: "new talk",
				status: "active",
				waitingSince: null,
				lastAt: "2026-06-01T10:09:00.000Z",
			},
			{ ...base, conversation: "short wait", waitingSince: "2026-06-01T10:05:00.000Z" },
			{ ...base, conversation: "long wait", waitingSince: "2026-06-01T09:05:00.000Z" },
			{ ...base, conversation: "over", status: "closed", waitingSince: null },
		];
		expect(chats.sort(byNeed).map((chat) => chat.conversation)).toEqual([
			"long wait",
			"short wait",
			"new talk",
			"old talk",
			"over",
		]);
	});
});
