import { type Chat, type ConversationChanged, emptyChat, type ServerFrame } from "@palique/client";
import { signal } from "@preact/signals";
import { expect, test } from "vitest";
import { Api } from "../src/api/api";
import { Http } from "../src/api/http";
import type { ChatSummary } from "../src/chats/chatSummary";
import { OtherChatsStore } from "../src/chats/OtherChatsStore";

const at = "2026-06-01T10:00:00.000Z";
const luis = { id: "a2", name: "Luis" };
const me = { kind: "agent", id: "a1", name: "Elena" } as const;

function item(conversation: string, agent = luis, more: object = {}): object {
	const visitor = { id: `v ${conversation}`, name: "Ana" };
	const times = { started_by: "visitor", started_at: at, last_at: at, unanswered_since: null };
	return { conversation, status: "active", visitor, agents: [agent], last_line: null, ...times, ...more };
}

function frame(conversation: string, more: Partial<ConversationChanged> = {}): ServerFrame {
	const visitor = { id: `v ${conversation}`, name: "Ana" };
	const state = { conversation, epoch: 1, head: 3, visitor, started_by: "visitor", started_at: at } as const;
	return { type: "conversation", status: "active", assignee: luis, ended_at: null, ...state, ...more };
}

/** A server whose answers the test releases, in pages. */
function setUp() {
	const answers: ((...pages: object[][]) => Promise<void>)[] = [];
	let pages: object[][] = [];
	const fetch = async (input: URL | RequestInfo, init?: RequestInit) => {
		const cursor = Number(new URL(String(input), "http://localhost").searchParams.get("cursor") ?? 0);
		if (cursor === 0)
			await new Promise<void>((resolve) =>
				answers.push(async (...found) => {
					pages = found;
					resolve();
					await new Promise((done) => setTimeout(done));
				}),
			);
		init?.signal?.throwIfAborted();
		const next = cursor + 1 < pages.length ? String(cursor + 1) : null;
		return new Response(JSON.stringify({ items: pages[cursor], next }), {
			headers: { "content-type": "application/json" },
		});
	};
	const ended = new Set<string>();
	const chats = signal<ChatSummary[]>([]);
	const state = signal<Chat>({ ...emptyChat("agent"), me });
	const known = { chats, state, hasEnded: (id: string) => ended.has(id) };
	const view = { setInterval: () => 0, clearInterval: () => {} } as unknown as Window;
	const store = new OtherChatsStore(new Api(new Http(fetch, "/api/v1")), known, view);
	const ids = () => store.chats.value.map(({ conversation }) => conversation).sort();
	return { store, answers, ended, chats, ids };
}

test("frames change the list at once, also while nothing was read", () => {
	const { store, ids } = setUp();
	store.receive(frame("a"));
	store.receive(frame("b"));
	store.receive(frame("mine", { assignee: me }));
	expect(ids()).toEqual(["a", "b"]);
	store.receive(frame("a", { status: "closed" }));
	store.receive(frame("b", { status: "waiting", assignee: null }));
	expect(ids()).toEqual([]);
});

test("all pages are read, without own chats and those that this agent follows", async () => {
	const { store, answers, chats, ids } = setUp();
	store.watch("all");
	await answers[0]?.([item("a"), item("mine", me)], [item("b"), item("followed")]);
	expect(ids()).toEqual(["a", "b", "followed"]);
	chats.value = [{ conversation: "followed" } as ChatSummary];
	expect(ids()).toEqual(["a", "b"]);
});

test("a frame that comes while the list is read is newer than the answer", async () => {
	const { store, answers, ids } = setUp();
	store.watch("all");
	store.receive(frame("new"));
	store.receive(frame("over", { status: "closed" }));
	await answers[0]?.([item("over"), item("a")]);
	expect(ids()).toEqual(["a", "new"]);
});

test("a list that lags behind the log does not bring back a chat that was seen to end", async () => {
	const { store, answers, ended, ids } = setUp();
	ended.add("over");
	store.watch("all");
	await answers[0]?.([item("over"), item("a")]);
	expect(ids()).toEqual(["a"]);
});

test("a chat whose end was missed goes with the next reading", async () => {
	const { store, answers, ids } = setUp();
	store.receive(frame("missed"));
	store.watch("all");
	await answers[0]?.([item("a")]);
	expect(ids()).toEqual(["a"]);
});

test("an answer that comes after the list was closed changes nothing", async () => {
	const { store, answers, ids } = setUp();
	const stop = store.watch("all");
	stop();
	await answers[0]?.([item("a")]);
	expect(ids()).toEqual([]);
});

test("lists and frames have the last line, the last time and the wait for an answer", async () => {
	const { store, answers } = setUp();
	const since = "2026-06-01T10:05:00.000Z";
	const last = "2026-06-01T10:07:00.000Z";
	store.watch("all");
	store.receive(frame("live", { last_line: "Hello?\u202e", unanswered_since: since, last_at: last }));
	store.receive(frame("quiet"));
	await answers[0]?.([
		item("asks", luis, { last_line: "Where\u202e is it?", unanswered_since: since }),
		item("answered", luis, { last_line: "On its way.", last_at: last }),
	]);
	const seen = store.chats.value.map(({ conversation, lastText, waitingSince, lastAt }) => [
		conversation,
		lastText,
		waitingSince,
		lastAt,
	]);
	expect(seen).toEqual([
		["asks", "Where is it?", since, at],
		["answered", "On its way.", null, last],
		["live", "Hello?", since, last],
		["quiet", null, null, at],
	]);
});

const queue = (waiting: number): ServerFrame => ({ type: "queue", waiting, offers: [] });
const free = { status: "waiting", agents: [], preview: "Where is it?" };

test("waiting chats that a long queue leaves out are read, and go with their frames or with a short queue", async () => {
	const { store, answers, ids } = setUp();
	store.watch("all");
	store.receive(frame("offered", { status: "waiting", assignee: null }));
	await answers[0]?.([item("a")]);
	expect(ids()).toEqual(["a"]);
	store.receive(queue(2));
	store.receive(queue(3));
	await answers[1]?.([item("a")]);
	await answers[2]?.([item("w1", luis, free)], [item("w2", luis, free)]);
	store.receive(frame("new", { status: "waiting", assignee: null, preview: "Hello?" }));
	expect(ids()).toEqual(["a", "new", "w1", "w2"]);
	expect(store.waitingOf("v w2")).toMatchObject({ lastText: "Where is it?", waitingSince: at });
	expect([store.waitingOf("v new")?.lastText, store.waitingOf("v a")]).toEqual(["Hello?", undefined]);
	store.receive(frame("w1"));
	store.receive(frame("w2", { status: "closed" }));
	expect([store.waitingOf("v w1"), ids()]).toEqual([undefined, ["a", "new", "w1"]]);
	store.receive(queue(0));
	expect(ids()).toEqual(["a", "w1"]);
	expect(answers.length).toBe(3);
});

test("a new reading replaces the one that runs, and the list is read until its last watcher leaves", async () => {
	const { store, answers, ids } = setUp();
	const stops = [store.watch("all"), store.watch("all")];
	store.receive(queue(1));
	await answers[0]?.([item("old")]);
	expect(ids()).toEqual([]);
	stops[0]?.();
	await answers[1]?.([item("a")]);
	await answers[2]?.([]);
	expect(ids()).toEqual(["a"]);
	stops[1]?.();
	store.receive(queue(0));
	store.receive(queue(1));
	expect(answers.length).toBe(3);
});

test("a view of the waiting chats alone does not read the running ones", async () => {
	const { store, answers, ids } = setUp();
	store.watch("waiting");
	expect(answers.length).toBe(0);
	store.receive(queue(2));
	await answers[0]?.([item("w1", luis, { status: "waiting", agents: [], preview: "Where is it?" })]);
	expect([ids(), answers.length]).toEqual([["w1"], 1]);
	store.watch("all");
	await answers[1]?.([item("a")]);
	await answers[2]?.([]);
	expect([ids(), answers.length]).toEqual([["a"], 3]);
});
