import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
	type Chat,
	type ChatInput,
	chatDue,
	cursorsOf,
	emptyChat,
	readerKey,
	stepChat,
	typingIn,
} from "../src/chat";
import { foldEntries } from "../src/foldEntries";
import type { ClientFrame, ConversationState, Entry, ServerFrame, Welcome } from "../src/frames";

const ME = { kind: "visitor", id: "v", name: "Visitor" } as const;
const AGENT = { kind: "agent", id: "a", name: "Ada" } as const;

function state(head: number, more: Partial<ConversationState> = {}): ConversationState {
	return {
		conversation: "c",
		epoch: 1,
		head,
		status: "active",
		visitor: { id: "v", name: "Visitor" },
		assignee: null,
		started_by: "visitor",
		started_at: "",
		ended_at: null,
		...more,
	};
}

function welcome(...conversations: ConversationState[]): Welcome {
	const limits = { text: 4000, frame: 32768, fetch: 100 };
	return {
		type: "welcome",
		connection: "k",
		me: ME,
		heartbeat_ms: 2e4,
		limits,
		server_time: "",
		conversations,
	};
}

function entry(seq: number, more: Partial<Entry> = {}): ServerFrame {
	return {
		type: "entry",
		conversation: "c",
		epoch: 1,
		seq,
		kind: "message",
		author: AGENT,
		text: `${seq}`,
		...more,
	};
}

function play(inputs: (ChatInput | ServerFrame)[], from: Chat = emptyChat("visitor"), now = 0) {
	let chat = from;
	let frames: readonly ClientFrame[] = [];
	const inputTypes = [
		"frame",
		"disconnected",
		"write",
		"retry",
		"discard",
		"open",
		"forget",
		"tick",
		"earlier",
	];
	for (const given of inputs) {
		const own = inputTypes.includes(given.type) || (given.type === "read" && !("reader" in given));
		const input = own ? (given as ChatInput) : ({ type: "frame", frame: given as ServerFrame } as const);
		({ chat, frames } = stepChat(chat, input, now));
	}
	return { chat, frames };
}

const texts = (chat: Chat) => chat.threads.get("c")?.log.entries.map((item) => item.text);

describe("after a welcome", () => {
	test("an unknown conversation is fetched from 0", () => {
		expect(play([welcome(state(3))]).frames).toMatchObject([
			{ type: "fetch", conversation: "c", after: 0, limit: 100 },
		]);
	});

	test("an agent's copy begins at the tail or at the first unread entry, and fetches one older page at a time", () => {
		const fresh = play([welcome(state(500))], emptyChat("agent"));
		expect(fresh.frames).toMatchObject([{ type: "fetch", after: 400 }]);
		const reads = [{ reader: { kind: ME.kind, id: ME.id }, seq: 250 }];
		const behind = play([welcome(state(500, { reads }))], emptyChat("agent"));
		expect(behind.frames).toMatchObject([{ type: "fetch", after: 250 }]);
		const back = play([{ type: "earlier", conversation: "c" }], fresh.chat);
		expect(back.frames).toMatchObject([{ type: "fetch", after: 300, limit: 100 }]);
		expect(play([{ type: "earlier", conversation: "c" }], back.chat).frames).toEqual([]);
	});

	test("a known conversation is not fetched: the replay after the hello brings missing entries", () => {
		const { chat } = play([welcome(), entry(1)]);
		expect(cursorsOf(chat)).toEqual([{ conversation: "c", epoch: 1, seq: 1 }]);
		const back = play([{ type: "disconnected" }, welcome(state(3))], chat);
		expect(back.frames).toEqual([]);
		expect(texts(play([entry(2), entry(3)], back.chat).chat)).toEqual(["1", "2", "3"]);
		expect(play([{ type: "tick" }], back.chat, 10_000).frames).toMatchObject([{ type: "fetch", after: 1 }]);
	});

	test("another epoch clears the copy and fetches", () => {
		const { chat } = play([welcome(), entry(1)]);
		expect(play([{ type: "disconnected" }, welcome(state(1, { epoch: 2 }))], chat).frames).toMatchObject([
			{ type: "fetch", epoch: 2, after: 0 },
		]);
	});
});

test("a gap is fetched once, and filled by the answer", () => {
	const { chat, frames } = play([welcome(), entry(1), entry(3)]);
	expect(frames).toMatchObject([{ type: "fetch", after: 1 }]);
	expect(play([entry(4)], chat).frames).toEqual([]);
	const { type: _, ...two } = entry(2) as { type: "entry" } & Entry;
	const page: ServerFrame = {
		type: "entries",
		ref: "fetch-0",
		conversation: "c",
		epoch: 1,
		items: [two],
		head: 4,
		more: false,
	};
	expect(texts(play([entry(4), page], chat).chat)).toEqual(["1", "2", "3", "4"]);
});

test("an acknowledgement is applied as its entry, with the text that was sent", () => {
	const { chat } = play([
		welcome(),
		{ type: "write", clientId: "x", conversation: null, text: "Hello", at: 1 },
		{ type: "ack", client_id: "x", conversation: "c", epoch: 1, seq: 2, at: "t", duplicate: false },
	]);
	expect(chat.outbox.items).toEqual([]);
	const opened = play([entry(1, { kind: "opened", text: "" })], chat).chat;
	expect(opened.threads.get("c")?.log.entries.at(-1)).toMatchObject({
		seq: 2,
		text: "Hello",
		author: ME,
		at: "t",
	});
});

test("an own message that the log has is not sent again", () => {
	const sent = play([
		welcome(),
		entry(1),
		{ type: "write", clientId: "x", conversation: "c", text: "Hi", at: 1 },
	]).chat;
	const seen = play([{ type: "disconnected" }, entry(2, { client_id: "x", author: ME })], sent).chat;
	expect(seen.outbox.items).toEqual([]);
	expect(play([welcome(state(2))], seen).frames).toEqual([]);
});

describe("what is soft", () => {
	test("typing is over with the conversation, in whatever order the frames arrive", () => {
		const typing: ServerFrame = { type: "typing", conversation: "c", who: AGENT };
		const end = entry(2, { kind: "closed" });
		const items = [end as Entry];
		const page: ServerFrame = {
			type: "entries",
			ref: "f",
			conversation: "c",
			epoch: 1,
			head: 2,
			items,
			more: false,
		};
		const closed = { ...state(2, { status: "closed" }), type: "conversation" } as ServerFrame;
		const writers = (...frames: ServerFrame[]) => {
			const thread = play([welcome(), entry(1), ...frames]).chat.threads.get("c");
			return thread && typingIn(thread);
		};
		expect(writers(typing)).toEqual([AGENT]);
		for (const last of [end, page, closed]) {
			expect(writers(typing, last)).toEqual([]);
			expect(writers(last, typing)).toEqual([]);
		}
	});

	test("typing ends after 6 s, or with the message", () => {
		const typing = play([welcome(), entry(1), { type: "typing", conversation: "c", who: AGENT }]).chat;
		expect(chatDue(typing)).toBe(6_000);
		expect(play([{ type: "tick" }], typing, 6_000).chat.threads.get("c")?.typing.size).toBe(0);
		expect(play([entry(2, { kind: "closed" })], typing).chat.threads.get("c")?.typing.size).toBe(0);
		expect(play([entry(2)], typing).chat.threads.get("c")?.typing.size).toBe(0);
	});
});

describe("read marks", () => {
	test("read marks never decrease, and only a higher one is sent", () => {
		const read = play([
			welcome(state(0, { reads: [{ reader: AGENT, seq: 4 }] })),
			{ type: "read", conversation: "c", seq: 3 },
		]);
		expect(read.frames).toEqual([{ type: "read", conversation: "c", seq: 3 }]);
		expect(play([{ type: "read", conversation: "c", seq: 3 }], read.chat).frames).toEqual([]);
		const lower = play([{ type: "read", conversation: "c", reader: AGENT, seq: 2 }], read.chat).chat;
		expect(lower.threads.get("c")?.reads.get(readerKey(AGENT))).toBe(4);
	});
});

test("a fetch that failed with a transient error is repeated after a pause, even when a head arrives before", () => {
	const { chat } = play([welcome(state(3))]);
	const refused = play([{ type: "error", code: "unavailable", message: "", ref: "fetch-0" }], chat);
	expect(refused.frames).toEqual([]);
	const due = chatDue(refused.chat);
	expect(stepChat(refused.chat, { type: "tick" }, due - 1).frames).toEqual([]);
	expect(stepChat(refused.chat, { type: "tick" }, due).frames).toMatchObject([
		{ type: "fetch", conversation: "c", after: 0 },
	]);
});

test("a fetch that was refused finally is not repeated before the head grows", () => {
	const { chat } = play([welcome(state(3))]);
	const refused = play([{ type: "error", code: "not_found", message: "", ref: "fetch-0" }], chat);
	expect(refused.frames).toEqual([]);
	expect(chatDue(refused.chat)).toBe(Number.POSITIVE_INFINITY);
	expect(
		play([{ type: "pong", heads: [{ conversation: "c", epoch: 1, head: 3 }], server_time: "" }], refused.chat)
			.frames,
	).toHaveLength(1);
});

test("the state of a conversation is folded from opened, assigned and closed; unknown kinds change nothing", () => {
	const { chat } = play([
		welcome(),
		entry(1, { kind: "opened", started_by: "visitor", at: "1" }),
		entry(2, { kind: "assigned", agent: { kind: "agent", id: "a", name: "Ada" } }),
		entry(3, { kind: "of_the_future" }),
		entry(4, { kind: "closed", at: "4" }),
	]);
	expect(foldEntries(chat.threads.get("c")?.log.entries ?? [])).toEqual({
		status: "closed",
		assignee: { id: "a", name: "Ada" },
		startedBy: "visitor",
		startedAt: "1",
		endedAt: "4",
	});
});

test("a chat that goes back to the queue waits without an assignee, and a closed one stays closed", () => {
	const ada = { kind: "agent", id: "a", name: "Ada" } as const;
	const folded = (...kinds: string[]) => {
		const { chat } = play([
			welcome(),
			...kinds.map((kind, at) => entry(at + 1, kind === "assigned" ? { kind, agent: ada } : { kind })),
		]);
		const { status, assignee } = foldEntries(chat.threads.get("c")?.log.entries ?? []);
		return [status, assignee?.name];
	};
	expect(folded("opened", "assigned", "requeued")).toEqual(["waiting", undefined]);
	expect(folded("opened", "assigned", "transferred")).toEqual(["waiting", undefined]);
	expect(folded("opened", "requeued", "offered", "offer_ended")).toEqual(["waiting", undefined]);
	expect(folded("opened", "assigned", "requeued", "assigned")).toEqual(["active", "Ada"]);
	expect(folded("opened", "assigned", "closed", "requeued")).toEqual(["closed", "Ada"]);
});

test("two tabs over lossy connections end with the same complete log, each message in it once (I-2, I-3, I-5)", () => {
	const action = fc.constantFrom("write", "serve", "receive", "lose", "cut", "join", "wait");
	fc.assert(
		fc.property(fc.array(fc.tuple(action, fc.nat(1)), { maxLength: 150, size: "max" }), (events) => {
			const server = new Server();
			for (const [what, tab] of events) server.happen(what, tab);
			server.calm();
			const whole = server.log.map((item) => item.text);
			expect(new Set(whole).size).toBe(whole.length);
			expect([...whole].sort()).toEqual([...server.written].sort());
			for (const tab of server.tabs) if (whole.length) expect(texts(tab.chat)).toEqual(whole);
		}),
		{ numRuns: 200 },
	);
});

interface Tab {
	chat: Chat;
	toServer: ClientFrame[];
	toClient: ServerFrame[];
}

/** A gateway and its store, as far as one conversation needs them. */
class Server {
	log: Entry[] = [];
	written: string[] = [];
	tabs: Tab[] = [0, 1].map(() => ({ chat: emptyChat("visitor"), toServer: [], toClient: [] }));
	private now = 0;

	happen(what: string, index: number): void {
		const tab = this.tabs[index] as Tab;
		if (what === "write") this.write(tab);
		if (what === "serve") this.serve(tab);
		if (what === "receive") this.receive(tab);
		if (what === "lose") tab.toClient.shift();
		if (what === "cut") this.cut(tab);
		if (what === "join" && !tab.chat.connected) this.join(tab);
		if (what === "wait") this.wait(tab, 5_000);
	}

	calm(): void {
		for (const tab of this.tabs) this.cut(tab);
		for (const tab of this.tabs) this.join(tab);
		for (let round = 0; round < 200; round++) {
			for (const tab of this.tabs) {
				while (tab.toServer.length) this.serve(tab);
				while (tab.toClient.length) this.receive(tab);
				this.wait(tab, 1_000);
			}
		}
	}

	private write(tab: Tab): void {
		const clientId = `0000000000000000000000000000${this.written.length.toString(16).padStart(8, "0")}`;
		const text = `m${this.written.length}`;
		this.written.push(text);
		this.feed(tab, { type: "write", clientId, conversation: null, text, at: 1 });
	}

	private serve(tab: Tab): void {
		const frame = tab.toServer.shift();
		if (frame?.type === "send") this.append(tab, frame.client_id, frame.text);
		if (frame?.type === "fetch") this.page(tab, frame.ref, frame.after);
	}

	private append(tab: Tab, client_id: string, text: string): void {
		const before = this.log.find((item) => item.client_id === client_id);
		const made: Entry = before ?? {
			conversation: "c",
			epoch: 1,
			seq: this.log.length + 1,
			kind: "message",
			author: ME,
			client_id,
			text,
		};
		if (!before) {
			this.log.push(made);
			for (const other of this.tabs)
				if (other !== tab && other.chat.connected) other.toClient.push({ type: "entry", ...made });
		}
		const duplicate = Boolean(before);
		tab.toClient.push({
			type: "ack",
			client_id,
			conversation: "c",
			epoch: 1,
			seq: made.seq,
			at: "",
			duplicate,
		});
	}

	private page(tab: Tab, ref: string, after: number): void {
		const items = this.log.slice(after, after + 2);
		const more = after + 2 < this.log.length;
		tab.toClient.push({
			type: "entries",
			ref,
			conversation: "c",
			epoch: 1,
			items,
			head: this.log.length,
			more,
		});
	}

	private cut(tab: Tab): void {
		tab.toServer = [];
		tab.toClient = [];
		this.feed(tab, { type: "disconnected" });
	}

	private join(tab: Tab): void {
		const cursor = cursorsOf(tab.chat)[0];
		this.feed(tab, { type: "frame", frame: this.log.length ? welcome(state(this.log.length)) : welcome() });
		if (cursor) for (const item of this.log.slice(cursor.seq)) tab.toClient.push({ type: "entry", ...item });
	}

	private receive(tab: Tab): void {
		const frame = tab.toClient.shift();
		if (frame) this.feed(tab, { type: "frame", frame });
	}

	private wait(tab: Tab, ms: number): void {
		this.now += ms;
		this.feed(tab, { type: "tick" });
		const behind = (tab.chat.threads.get("c")?.log.last ?? 0) < this.log.length;
		const pong: ServerFrame = {
			type: "pong",
			heads: [{ conversation: "c", epoch: 1, head: this.log.length }],
			server_time: "",
		};
		if (tab.chat.connected && behind) this.feed(tab, { type: "frame", frame: pong });
	}

	private feed(tab: Tab, input: ChatInput): void {
		const { chat, frames } = stepChat(tab.chat, input, this.now);
		tab.chat = chat;
		if (chat.connected) tab.toServer.push(...frames);
	}
}
