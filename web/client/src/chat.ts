/**
 * Protocol state machine of one signed-in client, visitor or agent: logs, read marks, typing and outbox.
 * Pure: `(chat, input, now) -> (chat, frames to send)`.
 */
import type { Ack, ClientFrame, ConversationState, Cursor, Entry, ServerFrame, Welcome } from "./frames";
import {
	abandonEarlier,
	abandonFetch,
	applyEntries,
	applyPage,
	awaitReplay,
	canFetchEarlier,
	cursorOf,
	emptyLog,
	fetchDue,
	type Log,
	markStale,
	needsFetch,
	postponeFetch,
	raiseHead,
	resetLog,
	startEarlier,
	startFetch,
} from "./log";
import * as box from "./outbox";
import { type Chat, newThread } from "./state";
import {
	addReadMarks,
	addTyping,
	disconnectThreads,
	expireTyping,
	noteHead,
	readerKey,
	removeThread,
	setThread,
	updateLog,
} from "./threads";

export { type Chat, emptyChat, type Thread } from "./state";
export { readerKey, TYPING_LASTS, typingIn } from "./threads";

/** Interval at which a client repeats `typing` while its person types (ms). */
export const TYPING_EVERY = 3_000;
/** Error codes of docs/protocol.md that a later attempt may not meet. */
const TRANSIENT: ReadonlySet<string> = new Set(["retry", "unavailable", "overloaded", "internal"]);

export type ChatInput =
	| { type: "frame"; frame: ServerFrame }
	| { type: "disconnected" }
	| {
			type: "write";
			clientId: string;
			conversation: string | null;
			text: string;
			kind?: "message" | "note";
			/** The server's time of writing (ms). */
			at: number;
	  }
	| { type: "retry"; clientId: string }
	| { type: "discard"; clientId: string }
	| { type: "read"; conversation: string; seq: number }
	/** The reader scrolls back: fetch the page before the copy. */
	| { type: "earlier"; conversation: string }
	/** An agent opens a conversation that is not assigned to them, after `follow`. */
	| { type: "open"; state: ConversationState }
	| { type: "forget"; conversation: string }
	| { type: "tick" };

interface ChatStep {
	readonly chat: Chat;
	readonly frames: readonly ClientFrame[];
}

export function stepChat(chat: Chat, input: ChatInput, now: number): ChatStep {
	const { chat: decided, frames } = decide(chat, input, now);
	const confirmed = removeConfirmed(decided, chat, now);
	const fetches = fetchMissing(confirmed.chat, now);
	return { chat: fetches.chat, frames: [...frames, ...confirmed.frames, ...fetches.frames] };
}

/** When the next `tick` is due (ms); infinity when none is. */
export function chatDue(chat: Chat): number {
	let due = box.outboxDue(chat.outbox);
	for (const { log, typing } of chat.threads.values()) {
		if (chat.connected && log.last < log.head) due = Math.min(due, fetchDue(log));
		for (const { until } of typing.values()) due = Math.min(due, until);
	}
	return due;
}

/** Cursors for `hello` and `ping`. */
export function cursorsOf(chat: Chat): Cursor[] {
	return [...chat.threads.values()].map((thread) => cursorOf(thread.log));
}

function decide(chat: Chat, input: ChatInput, now: number): ChatStep {
	switch (input.type) {
		case "frame":
			return receive(chat, input.frame, now);
		case "disconnected":
			return noFrames({
				...chat,
				connected: false,
				outbox: box.disconnect(chat.outbox),
				threads: disconnectThreads(chat),
			});
		case "write":
			return withOutbox(chat, box.write(chat.outbox, { ...input, kind: input.kind ?? "message" }, now));
		case "retry":
			return withOutbox(chat, box.retry(chat.outbox, input.clientId, now));
		case "discard":
			return withOutbox(chat, box.remove(chat.outbox, input.clientId, now));
		case "read":
			return readUpTo(chat, input.conversation, input.seq);
		case "earlier":
			return fetchEarlier(chat, input.conversation, now);
		case "open":
			return noFrames(withState(chat, input.state, raiseHead));
		case "forget":
			return noFrames(removeThread(chat, input.conversation));
		case "tick":
			return withOutbox(expireTyping(chat, now), box.tick(chat.outbox, now));
	}
}

function receive(chat: Chat, frame: ServerFrame, now: number): ChatStep {
	switch (frame.type) {
		case "welcome":
			return applyWelcome(chat, frame, now);
		case "entry":
			return noFrames(applyEntry(chat, frame));
		case "entries":
			return noFrames(updateLog(chat, frame.conversation, (log) => applyPage(log, frame)));
		case "ack":
			return applyAck(chat, frame, now);
		case "nack":
			return withOutbox(chat, box.refuse(chat.outbox, frame, now));
		case "stale":
			return noFrames(updateLog(chat, frame.conversation, (log) => markStale(log, frame.head)));
		case "reset":
			return noFrames(updateLog(chat, frame.conversation, (log) => resetLog(log, frame.epoch, frame.head)));
		case "read":
			return noFrames(addReadMarks(chat, frame.conversation, [frame]));
		case "typing":
			return noFrames(addTyping(chat, frame.conversation, frame.who, now));
		case "pong":
			return noFrames(frame.heads.reduce(noteHead, chat));
		case "conversation":
			return noFrames(chat.threads.has(frame.conversation) ? withState(chat, frame, raiseHead) : chat);
		case "error":
			return noFrames(frame.ref ? failFetch(chat, frame.ref, TRANSIENT.has(frame.code), now) : chat);
		default:
			return noFrames(chat);
	}
}

function noFrames(chat: Chat): ChatStep {
	return { chat, frames: [] };
}

function withOutbox(chat: Chat, sent: box.OutboxStep): ChatStep {
	return { chat: { ...chat, outbox: sent.outbox }, frames: sent.frames };
}

/** An entry of an unknown conversation adds its thread: an agent or another tab wrote first. */
function applyEntry(chat: Chat, entry: Entry): Chat {
	const { conversation, epoch, author, kind } = entry;
	const thread = chat.threads.get(conversation) ?? newThread(emptyLog(conversation, epoch));
	const log = applyEntries(thread.log, [entry]);
	// Typing ends with the conversation.
	if (kind === "closed") return setThread(chat, conversation, { ...thread, log, typing: new Map() });
	if (kind !== "message" || !author || !thread.typing.has(author.id))
		return setThread(chat, conversation, { ...thread, log });
	const typing = new Map(thread.typing);
	typing.delete(author.id);
	return setThread(chat, conversation, { ...thread, log, typing });
}

function applyWelcome(chat: Chat, welcome: Welcome, now: number): ChatStep {
	const known: Chat = { ...chat, me: welcome.me, connected: true };
	const replayed = (log: Log, head: number) => awaitReplay(log, head, now);
	const updated = welcome.conversations.reduce((all, state) => withState(all, state, replayed), known);
	return withOutbox(updated, box.connect(updated.outbox, now));
}

/** `upTo` decides how missing entries arrive: by the replay after a `hello`, or by a fetch. */
function withState(chat: Chat, state: ConversationState, upTo: (log: Log, head: number) => Log): Chat {
	const { conversation, epoch, head } = state;
	const known = chat.threads.get(conversation);
	const thread = known ?? newThread(emptyLog(conversation, epoch, 0, startOfCopy(chat, state)));
	const log = thread.log.epoch === epoch ? thread.log : resetLog(thread.log, epoch, head);
	const reached = known && log === thread.log ? upTo(log, head) : raiseHead(log, head);
	return addReadMarks(
		setThread(chat, conversation, { ...thread, log: reached, state }),
		conversation,
		state.reads ?? [],
	);
}

/** `seq` after which a new copy begins: `tail` entries before the head, or earlier, so that it has all unread entries. */
function startOfCopy({ me, tail }: Chat, { head, reads = [] }: ConversationState): number {
	const read = reads.find(({ reader }) => me && readerKey(reader) === readerKey(me))?.seq ?? head;
	return Math.max(0, Math.min(head - tail, read));
}

/** Applies the acknowledgement as the entry: the server does not send the entry to the socket that wrote it. */
function applyAck(chat: Chat, ack: Ack, now: number): ChatStep {
	const item = chat.outbox.items.find(({ clientId }) => clientId === ack.client_id);
	const sent = withOutbox(chat, box.acknowledge(chat.outbox, ack, now));
	const { conversation, epoch, seq, at, client_id } = ack;
	if (!item) return { chat: noteHead(sent.chat, { conversation, epoch, head: seq }), frames: sent.frames };
	const { kind, text } = item;
	const author = chat.me ? { author: chat.me } : {};
	return {
		chat: applyEntry(sent.chat, { conversation, epoch, seq, kind, at, client_id, text, ...author }),
		frames: sent.frames,
	};
}

function readUpTo(chat: Chat, conversation: string, seq: number): ChatStep {
	const { me } = chat;
	const before = me ? (chat.threads.get(conversation)?.reads.get(readerKey(me)) ?? 0) : seq;
	if (!me || !chat.connected || seq <= before) return noFrames(chat);
	const frames = [{ type: "read", conversation, seq }] as const;
	return { chat: addReadMarks(chat, conversation, [{ reader: me, seq }]), frames };
}

function failFetch(chat: Chat, ref: string, passing: boolean, now: number): Chat {
	const refuse = passing ? (log: Log) => postponeFetch(log, now) : abandonFetch;
	for (const [conversation, { log }] of chat.threads) {
		if (log.fetching?.ref === ref) return updateLog(chat, conversation, refuse);
		if (log.earlier?.ref === ref) return updateLog(chat, conversation, abandonEarlier);
	}
	return chat;
}

function fetchEarlier(chat: Chat, conversation: string, now: number): ChatStep {
	const thread = chat.threads.get(conversation);
	if (!thread || !chat.connected || !canFetchEarlier(thread.log, now)) return noFrames(chat);
	const { log, frame } = startEarlier(thread.log, `earlier-${chat.refs}`, now);
	return {
		chat: { ...setThread(chat, conversation, { ...thread, log }), refs: chat.refs + 1 },
		frames: [frame],
	};
}

/** Removes own messages from the outbox once the log has them. */
function removeConfirmed(chat: Chat, before: Chat, now: number): ChatStep {
	if (!chat.outbox.items.length || chat.threads === before.threads) return noFrames(chat);
	const waiting = new Set(chat.outbox.items.map((item) => item.clientId));
	let result = noFrames(chat);
	for (const [conversation, { log }] of chat.threads) {
		if (log === before.threads.get(conversation)?.log) continue;
		for (const { client_id } of log.entries) {
			if (!client_id || !waiting.has(client_id)) continue;
			const { chat: next, frames } = withOutbox(result.chat, box.remove(result.chat.outbox, client_id, now));
			result = { chat: next, frames: [...result.frames, ...frames] };
		}
	}
	return result;
}

function fetchMissing(chat: Chat, now: number): ChatStep {
	let result = chat;
	const frames: ClientFrame[] = [];
	if (!chat.connected) return { chat, frames };
	for (const [conversation, thread] of chat.threads) {
		if (!needsFetch(thread.log, now)) continue;
		const { log, frame } = startFetch(thread.log, `fetch-${result.refs}`, now);
		frames.push(frame);
		result = { ...setThread(result, conversation, { ...thread, log }), refs: result.refs + 1 };
	}
	return { chat: result, frames };
}
