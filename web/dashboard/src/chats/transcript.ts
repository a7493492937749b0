/** Rows of a log: a divider for each day, messages grouped by author, events. Pure. Entries of unknown kinds are left out. */
import type { Author, Entry } from "@palique/client";
import { dayKey } from "@palique/ui/time";

/** An entry of a chat, or of a ticket's transcript, which has no epoch. */
export type LogEntry = Omit<Entry, "epoch">;

/** Messages of one author closer than this form a group (ms). */
const GROUP_MS = 5 * 60_000;

export interface TextMessage {
	kind: "message" | "note";
	key: string;
	seq: number;
	author: Author;
	text: string;
	at: string;
	/** True for the first of a group, which shows photo and name. */
	first: boolean;
}

export type Item =
	| TextMessage
	| { kind: "day"; key: string; at: string }
	| { kind: "unread"; key: string }
	| LogEvent;

export interface LogEvent {
	kind: "event";
	key: string;
	seq: number;
	event: EventKind;
	who: Author;
	/** The next agent, of a transfer. */
	to: Author | null;
	/** For the next agent. */
	note: string;
	at: string;
}

const EVENT_KINDS = [
	"opened",
	"offered",
	"offer_ended",
	"assigned",
	"joined",
	"left",
	"transferred",
	"requeued",
	"prioritised",
	"closed",
] as const;
/** A kind of entry, or a special case of one. */
export type EventKind =
	| (typeof EVENT_KINDS)[number]
	| "taken_over"
	| "released"
	| "agent_lost"
	| "transferred_to";

const NO_AUTHOR: Author = { kind: "system", id: "", name: "" };

/** `unreadFrom`: the line for unread messages follows this `seq`; `null` draws none. */
export function transcript(entries: readonly LogEntry[], unreadFrom: number | null): Item[] {
	const items: Item[] = [];
	let day = "";
	let before: TextMessage | null = null;
	let line = unreadFrom === null;
	for (const entry of entries) {
		const at = entry.at;
		const shown = at === undefined ? null : itemOf(entry, at);
		if (!shown || at === undefined) continue;
		if (dayKey(at) !== day) {
			day = dayKey(at);
			before = null;
			items.push({ kind: "day", key: `day-${day}-${entry.seq}`, at });
		}
		if (!line && unreadFrom !== null && entry.seq > unreadFrom && isOthers(shown)) {
			line = true;
			before = null;
			items.push({ kind: "unread", key: "unread" });
		}
		if (shown.kind === "event") before = null;
		else {
			shown.first = !follows(before, shown);
			before = shown;
		}
		items.push(shown);
	}
	return items;
}

function itemOf(entry: LogEntry, at: string): TextMessage | LogEvent | null {
	const { seq, kind } = entry;
	const key = `entry-${seq}`;
	const author = entry.author ?? NO_AUTHOR;
	if (kind === "message" || kind === "note")
		return { kind, key, seq, author, text: entry.text ?? "", at, first: true };
	const event = eventOf(entry);
	const who = entry.agent ?? author;
	return event
		? { kind: "event", key, seq, event, who, to: entry.to_agent ?? null, note: entry.note ?? "", at }
		: null;
}

function eventOf(entry: LogEntry): EventKind | undefined {
	if (entry.kind === "assigned" && entry.by === "take_over") return "taken_over";
	if (entry.kind === "requeued" && (entry.reason === "released" || entry.reason === "agent_lost"))
		return entry.reason;
	if (entry.kind === "transferred" && entry.to_agent) return "transferred_to";
	return EVENT_KINDS.find((known) => known === entry.kind);
}

function isOthers(item: Item): boolean {
	return item.kind === "message" && item.author.kind === "visitor";
}

function follows(before: TextMessage | null, message: TextMessage): boolean {
	return (
		before !== null &&
		before.kind === message.kind &&
		before.author.kind === message.author.kind &&
		before.author.id === message.author.id &&
		Date.parse(message.at) - Date.parse(before.at) < GROUP_MS
	);
}
