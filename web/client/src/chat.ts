/**
 * Everything one signed-in client knows of its conversations: their logs, read marks, who is typing, and its own messages on the
 * way. Pure: `(chat, input, now) -> (chat, frames to send)`. The same for a visitor and for an agent.
 */
import type { Ack, ClientFrame, ConversationState, Cursor, Entry, ServerFrame, Welcome } from "./frames";
import {
	applyEntries,
	applyPage,
	awaitReplay,
	cursorOf,
	emptyLog,
	fetchDue,
	giveUpEarlier,
	giveUpFetch,
	hearOfHead,
	type Log,
	markStale,
	postponeFetch,
	resetLog,
	startEarlier,
	startFetch,
	wantsEarlier,
	wantsFetch,
} from "./log";
import * as box from "./outbox";
import { type Chat, newThread } from "./state";
import {
	expireTyping,
	heard,
	marked,
	offline,
	onLog,
	readerKey,
	typed,
	without,
	withThread,
} from "./threads";

export { type Chat, emptyChat, type Thread } from "./state";
export { readerKey, TYPING_LASTS } from "./threads";

/** How often a client repeats `typing` while its person types (ms). */
export const TYPING_EVERY = 3_000;
/** Refusals that pass by themselves (docs/protocol.md). */
const PASSING: ReadonlySet<string> = new Set(["retry", "unavailable", "overloaded", "internal"]);

export type ChatInput =
	| { type: "frame"; frame: ServerFrame }
	| { type: "disconnected" }
	| {
			type: "write";
			clientId: string;
			conversation: string | null;
			text: string;
			kind?: "message" | "note";
			at?: number;
	  }
	| { type: "retry"; clientId: string }
	| { type: "discard"; clientId: string }
	| { type: "read"; conversation: string; seq: number }
	/** Somebody reads back: the page before those held is wanted. */
	| { type: "earlier"; conversation: string }
	/** An agent opens a conversation that is not assigned to them (after `follow`). */
	| { type: "open"; state: ConversationState }
	| { type: "forget"; conversation: string }
	| { type: "tick" };

export interface Stepped {
	readonly chat: Chat;
	readonly frames: readonly ClientFrame[];
}

export function stepChat(chat: Chat, input: ChatInput, now: number): Stepped {
	const { chat: decided, frames } = decide(chat, input, now);
	const settled = settleSeen(decided, chat, now);
	const fetches = fetchMissing(settled.chat, now);
	return { chat: fetches.chat, frames: [...frames, ...settled.frames, ...fetches.frames] };
}

/** When a `tick` is due (ms); infinity when nothing waits for time. */
export function chatDue(chat: Chat): number {
	let due = box.outboxDue(chat.outbox);
	for (const { log, typing } of chat.threads.values()) {
		if (chat.connected && log.last < log.head) due = Math.min(due, fetchDue(log));
		for (const { until } of typing.values()) due = Math.min(due, until);
	}
	return due;
}

/** For `hello` and `ping`. */
export function cursorsOf(chat: Chat): Cursor[] {
	return [...chat.threads.values()].map((thread) => cursorOf(thread.log));
}

function decide(chat: Chat, input: ChatInput, now: number): Stepped {
	switch (input.type) {
		case "frame":
			return receive(chat, input.frame, now);
		case "disconnected":
			return still({
				...chat,
				connected: false,
				outbox: box.disconnect(chat.outbox),
				threads: offline(chat),
			});
		case "write":
			return posted(chat, box.write(chat.outbox, { at: now, ...input, kind: input.kind ?? "message" }, now));
		case "retry":
			return posted(chat, box.retry(chat.outbox, input.clientId, now));
		case "discard":
			return posted(chat, box.settle(chat.outbox, input.clientId, now));
		case "read":
			return readUpTo(chat, input.conversation, input.seq);
		case "earlier":
			return readBack(chat, input.conversation, now);
		case "open":
			return still(withState(chat, input.state, hearOfHead));
		case "forget":
			return still(without(chat, input.conversation));
		case "tick":
			return posted(expireTyping(chat, now), box.tick(chat.outbox, now));
	}
}

function receive(chat: Chat, frame: ServerFrame, now: number): Stepped {
	switch (frame.type) {
		case "welcome":
			return greeted(chat, frame, now);
		case "entry":
			return still(applied(chat, frame));
		case "entries":
			return still(onLog(chat, frame.conversation, (log) => applyPage(log, frame)));
		case "ack":
			return acked(chat, frame, now);
		case "nack":
			return posted(chat, box.refuse(chat.outbox, frame, now));
		case "stale":
			return still(onLog(chat, frame.conversation, (log) => markStale(log, frame.head)));
		case "reset":
			return still(onLog(chat, frame.conversation, (log) => resetLog(log, frame.epoch, frame.head)));
		case "read":
			return still(marked(chat, frame.conversation, [frame]));
		case "typing":
			return still(typed(chat, frame.conversation, frame.who, now));
		case "pong":
			return still(frame.heads.reduce((all, { conversation, head }) => heard(all, conversation, head), chat));
		case "conversation":
			return still(chat.threads.has(frame.conversation) ? withState(chat, frame, hearOfHead) : chat);
		case "error":
			return still(frame.ref ? refusedFetch(chat, frame.ref, PASSING.has(frame.code), now) : chat);
		default:
			return still(chat);
	}
}

function still(chat: Chat): Stepped {
	return { chat, frames: [] };
}

function posted(chat: Chat, sent: box.Sent): Stepped {
	return { chat: { ...chat, outbox: sent.outbox }, frames: sent.frames };
}

/** An entry of a conversation not yet known starts its thread: an agent wrote first, or another tab did. */
function applied(chat: Chat, entry: Entry): Chat {
	const { conversation, epoch, author, kind } = entry;
	const thread = chat.threads.get(conversation) ?? newThread(emptyLog(conversation, epoch));
	const log = applyEntries(thread.log, [entry]);
	if (kind !== "message" || !author || !thread.typing.has(author.id))
		return withThread(chat, conversation, { ...thread, log });
	const typing = new Map(thread.typing);
	typing.delete(author.id);
	return withThread(chat, conversation, { ...thread, log, typing });
}

function greeted(chat: Chat, welcome: Welcome, now: number): Stepped {
	const known: Chat = { ...chat, me: welcome.me, connected: true };
	const replayed = (log: Log, head: number) => awaitReplay(log, head, now);
	const told = welcome.conversations.reduce((all, state) => withState(all, state, replayed), known);
	return posted(told, box.connect(told.outbox, now));
}

/** `upTo` says how a head beyond the copy is reached: by the replay after a `hello`, or by a fetch. */
function withState(chat: Chat, state: ConversationState, upTo: (log: Log, head: number) => Log): Chat {
	const { conversation, epoch, head } = state;
	const known = chat.threads.get(conversation);
	const thread = known ?? newThread(emptyLog(conversation, epoch, 0, beginningOf(chat, state)));
	const log = thread.log.epoch === epoch ? thread.log : resetLog(thread.log, epoch, head);
	const reached = known && log === thread.log ? upTo(log, head) : hearOfHead(log, head);
	return marked(
		withThread(chat, conversation, { ...thread, log: reached, state }),
		conversation,
		state.reads ?? [],
	);
}

/** Where a copy that is new here begins: at the tail, and not after what its reader has read. */
function beginningOf({ me, tail }: Chat, { head, reads = [] }: ConversationState): number {
	const read = reads.find(({ reader }) => me && readerKey(reader) === readerKey(me))?.seq ?? head;
	return Math.max(0, Math.min(head - tail, read));
}

/** The acknowledgement stands for the entry, which the socket that sent is not told again. */
function acked(chat: Chat, ack: Ack, now: number): Stepped {
	const item = chat.outbox.items.find(({ clientId }) => clientId === ack.client_id);
	const sent = posted(chat, box.acknowledge(chat.outbox, ack, now));
	if (!item) return { chat: heard(sent.chat, ack.conversation, ack.seq), frames: sent.frames };
	const { conversation, epoch, seq, at, client_id } = ack;
	const { kind, text } = item;
	const author = chat.me ? { author: chat.me } : {};
	return {
		chat: applied(sent.chat, { conversation, epoch, seq, kind, at, client_id, text, ...author }),
		frames: sent.frames,
	};
}

function readUpTo(chat: Chat, conversation: string, seq: number): Stepped {
	const { me } = chat;
	const before = me ? (chat.threads.get(conversation)?.reads.get(readerKey(me)) ?? 0) : seq;
	if (!me || !chat.connected || seq <= before) return still(chat);
	const frames = [{ type: "read", conversation, seq }] as const;
	return { chat: marked(chat, conversation, [{ reader: me, seq }]), frames };
}

function refusedFetch(chat: Chat, ref: string, passing: boolean, now: number): Chat {
	const refuse = passing ? (log: Log) => postponeFetch(log, now) : giveUpFetch;
	for (const [conversation, { log }] of chat.threads) {
		if (log.fetching?.ref === ref) return onLog(chat, conversation, refuse);
		if (log.earlier?.ref === ref) return onLog(chat, conversation, giveUpEarlier);
	}
	return chat;
}

function readBack(chat: Chat, conversation: string, now: number): Stepped {
	const thread = chat.threads.get(conversation);
	if (!thread || !chat.connected || !wantsEarlier(thread.log, now)) return still(chat);
	const { log, frame } = startEarlier(thread.log, `earlier-${chat.refs}`, now);
	return {
		chat: { ...withThread(chat, conversation, { ...thread, log }), refs: chat.refs + 1 },
		frames: [frame],
	};
}

/** Own messages that the log shows need no more sending. */
function settleSeen(chat: Chat, before: Chat, now: number): Stepped {
	if (!chat.outbox.items.length || chat.threads === before.threads) return still(chat);
	const waiting = new Set(chat.outbox.items.map((item) => item.clientId));
	let result = still(chat);
	for (const [conversation, { log }] of chat.threads) {
		if (log === before.threads.get(conversation)?.log) continue;
		for (const { client_id } of log.entries) {
			if (!client_id || !waiting.has(client_id)) continue;
			const { chat: next, frames } = posted(result.chat, box.settle(result.chat.outbox, client_id, now));
			result = { chat: next, frames: [...result.frames, ...frames] };
		}
	}
	return result;
}

function fetchMissing(chat: Chat, now: number): Stepped {
	let result = chat;
	const frames: ClientFrame[] = [];
	if (!chat.connected) return { chat, frames };
	for (const [conversation, thread] of chat.threads) {
		if (!wantsFetch(thread.log, now)) continue;
		const { log, frame } = startFetch(thread.log, `fetch-${result.refs}`, now);
		frames.push(frame);
		result = { ...withThread(result, conversation, { ...thread, log }), refs: result.refs + 1 };
	}
	return { chat: result, frames };
}
