/** Rows of the log: days, events, and messages grouped by author. Pure. */
import {
	type Author,
	type Chat,
	type Entry,
	type Outgoing,
	type Thread,
	visibleEntries,
} from "@palique/client";
import { dayKey } from "@palique/ui/time";

/** Messages of one author further apart than this start a new group (ms). */
const GROUP_SPAN = 5 * 60_000;

/** `sent`: stored; `delivered`: received by the assigned agent; `read`: read by an agent. */
export type Status = "sending" | "sent" | "delivered" | "read" | "retrying" | "failed";

export interface Message {
	key: string;
	text: string;
	at: number;
	/** Own messages only. */
	status?: Status;
	/** The outbox item, until it is acknowledged. */
	item?: Outgoing;
}

export type Row =
	| { kind: "day"; key: string; at: number }
	| { kind: "joined"; key: string; name: string }
	| { kind: "requeued" | "transferred"; key: string }
	| { kind: "closed"; key: string }
	| { kind: "group"; key: string; own: boolean; author: Author | null; messages: Message[] };

/** The visitor's conversations, oldest first: identifiers sort by time. */
export function threadsOf(chat: Chat): Thread[] {
	return [...chat.threads.values()].sort((a, b) => (a.log.conversation < b.log.conversation ? -1 : 1));
}

/** Number of entries of all conversations. */
export function entryCount(chat: Chat): number {
	return [...chat.threads.values()].reduce((sum, { log }) => sum + visibleEntries(log).length, 0);
}

/** `up`: there is a connection. `most`: the newest entries that get rows. */
export function rowsOf(chat: Chat, up: boolean, most = Number.POSITIVE_INFINITY): Row[] {
	const rows: Row[] = [];
	let left = Math.max(0, entryCount(chat) - most);
	for (const thread of threadsOf(chat)) {
		const entries = visibleEntries(thread.log);
		const read = readByAgents(thread);
		const unread = thread.log.entries.some(({ kind, agent }) => kind === "assigned" && agent)
			? "delivered"
			: "sent";
		for (const entry of entries.slice(left)) addEntry(rows, entry, entry.seq <= read ? "read" : unread);
		left = Math.max(0, left - entries.length);
	}
	for (const item of chat.outbox.items) addMessage(rows, messageOf(item, up), null, true);
	return rows;
}

/** Messages that the visitor has not read, oldest first. */
export function unreadOf(chat: Chat): Entry[] {
	const { me } = chat;
	return threadsOf(chat).flatMap(({ log, reads }) => {
		const seen = me ? (reads.get(`visitor:${me.id}`) ?? 0) : log.last;
		return log.entries.filter(
			({ kind, author, seq }) => kind === "message" && author?.kind !== "visitor" && seq > seen,
		);
	});
}

function readByAgents(thread: Thread): number {
	const marks = [...thread.reads].filter(([reader]) => reader.startsWith("agent:"));
	return Math.max(0, ...marks.map(([, seq]) => seq));
}

function addEntry(rows: Row[], entry: Entry, status: Status): void {
	const key = `${entry.conversation}/${entry.seq}`;
	const at = Date.parse(entry.at ?? "") || 0;
	if (entry.kind === "assigned" && entry.agent)
		addEvent(rows, at, { kind: "joined", key, name: entry.agent.name ?? "" });
	if (entry.kind === "requeued" || entry.kind === "transferred")
		addEvent(rows, at, { kind: entry.kind, key });
	if (entry.kind === "closed") addEvent(rows, at, { kind: "closed", key });
	if (entry.kind !== "message") return;
	const own = entry.author?.kind === "visitor";
	const message: Message = { key: entry.client_id ?? key, text: entry.text ?? "", at };
	if (own) message.status = status;
	addMessage(rows, message, entry.author ?? null, own);
}

function addEvent(rows: Row[], at: number, row: Row): void {
	addDay(rows, at, row.key);
	rows.push(row);
}

function addMessage(rows: Row[], message: Message, author: Author | null, own: boolean): void {
	addDay(rows, message.at, message.key);
	const last = rows[rows.length - 1];
	if (last?.kind === "group" && continues(last, message, author, own)) last.messages.push(message);
	else rows.push({ kind: "group", key: message.key, own, author, messages: [message] });
}

/** Adds a divider before the first row of a day. */
function addDay(rows: Row[], at: number, key: string): void {
	const day = dayKey(at);
	if (day !== lastDay(rows)) rows.push({ kind: "day", key: `day ${day} ${key}`, at });
}

function lastDay(rows: readonly Row[]): string | null {
	const day = rows.findLast((row) => row.kind === "day");
	return day?.kind === "day" ? dayKey(day.at) : null;
}

function continues(
	group: Row & { kind: "group" },
	message: Message,
	author: Author | null,
	own: boolean,
): boolean {
	const latest = group.messages[group.messages.length - 1]?.at ?? 0;
	const same = own ? group.own : !group.own && group.author?.id === author?.id;
	return same && message.at - latest < GROUP_SPAN;
}

function messageOf(item: Outgoing, up: boolean): Message {
	return { key: item.clientId, text: item.text, at: item.at, item, status: statusOf(item, up) };
}

/** Without an answer the outcome is unknown, so the status is *retrying*, never *failed*. */
function statusOf({ phase, attempts }: Outgoing, up: boolean): Status {
	if (phase === "failed") return "failed";
	return !up || phase === "waiting" || attempts > 1 ? "retrying" : "sending";
}
