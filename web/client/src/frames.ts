/**
 * The frames of docs/protocol.md as types. Fields the server may add later are absent here on purpose: unknown fields are
 * ignored. Instants are RFC 3339 strings in UTC with milliseconds; `seq` counts 1, 2, 3 … within one conversation.
 */
export interface Person {
	id: string;
	name: string;
}

export interface Author extends Person {
	kind: "visitor" | "agent" | "integration" | "system";
	photo?: string | null;
}

export interface Page {
	url: string;
	title: string;
	referrer?: string;
}

export interface Cursor {
	conversation: string;
	epoch: number;
	seq: number;
}

export interface ReadMark {
	reader: { kind: "visitor" | "agent"; id: string };
	seq: number;
}

/** A hidden entry (a note, for a visitor) has only its place. */
export interface Entry {
	conversation: string;
	epoch: number;
	seq: number;
	/** `opened`, `message`, `note`, `assigned`, `joined`, `left`, `transferred`, `rated`, `closed`, `hidden`, or one to come. */
	kind: string;
	author?: Author;
	client_id?: string;
	text?: string;
	at?: string;
	agent?: Person;
	started_by?: "visitor" | "agent";
}

export interface ConversationState {
	conversation: string;
	epoch: number;
	head: number;
	status: "waiting" | "active" | "closed";
	visitor: Person;
	assignee: Person | null;
	started_by: "visitor" | "agent";
	started_at: string;
	ended_at: string | null;
	reads?: ReadMark[];
}

export interface VisitorRow {
	visitor: string;
	name: string;
	state: "browsing" | "chatting" | "waiting" | "idle";
	region: string;
	country: string | null;
	/** `at`: since when they look at it; an older gateway leaves it out. */
	page: { url: string; title: string; at?: string };
	visits: number;
	chats: number;
	since: string;
	device: string;
	browser: string;
	os: string;
}

export interface Limits {
	/** Characters of a message. */
	text: number;
	/** Bytes of a frame. */
	frame: number;
	/** Entries of a fetch. */
	fetch: number;
}

export interface Welcome {
	type: "welcome";
	connection: string;
	me: { kind: "visitor" | "agent"; id: string; name: string };
	heartbeat_ms: number;
	limits: Limits;
	server_time: string;
	conversations: ConversationState[];
}

export interface Ack {
	type: "ack";
	client_id: string;
	conversation: string;
	epoch: number;
	seq: number;
	at: string;
	duplicate: boolean;
}

export interface Nack {
	type: "nack";
	client_id: string;
	code: string;
	message: string;
	/** `null` is final. */
	retry_ms: number | null;
}

export interface Entries {
	type: "entries";
	ref: string;
	conversation: string;
	epoch: number;
	items: Entry[];
	head: number;
	more: boolean;
}

export interface Reply {
	type: "reply";
	ref: string;
	ok: boolean;
	code?: string;
	message?: string;
}

export interface VisitorsChanged {
	type: "visitors_changed";
	/** Rows that the filter lets through. */
	total: number;
	/** Everyone online, whatever the filter. */
	online: number;
	version: number;
	upsert: VisitorRow[];
	remove: string[];
	order: string[];
}

export type ServerFrame =
	| Welcome
	| Ack
	| Nack
	| Entries
	| Reply
	| VisitorsChanged
	| ({ type: "entry" } & Entry)
	| { type: "stale"; conversation: string; head: number }
	| { type: "reset"; conversation: string; epoch: number; head: number }
	| { type: "read"; conversation: string; seq: number; reader: ReadMark["reader"] }
	| { type: "typing"; conversation: string; who: Author }
	| { type: "pong"; heads: { conversation: string; head: number; epoch?: number }[] }
	| { type: "drain"; within_ms: number }
	| { type: "error"; code: string; message: string; ref?: string }
	| { type: "site"; online: boolean; queue_position: number | null }
	| { type: "visitors"; total: number; online: number; version: number; rows: VisitorRow[] }
	| { type: "chat_started"; ref: string; conversation: string; resumed: boolean }
	| { type: "queue"; waiting: number; offers: ConversationState[] }
	| { type: "site_settings"; enabled: boolean; version: number }
	| { type: "away"; services: string[] }
	| ({ type: "conversation" } & ConversationState);

export type VisitorSort = "since" | "name" | "state" | "region" | "page" | "page_at" | "visits" | "chats";

/** What is left out lets everybody through. */
export interface VisitorFilter {
	text?: string;
	state?: string;
	country?: string;
	/** A part of the title or the address. */
	page?: string;
	min_visits?: number;
	min_chats?: number;
	/** Seconds. */
	min_on_page_s?: number;
	min_on_site_s?: number;
}

export interface WatchVisitors {
	type: "watch_visitors";
	sort: VisitorSort;
	descending: boolean;
	filter: VisitorFilter;
	offset: number;
	limit: number;
}

export type ClientFrame =
	| { type: "hello"; token?: string; client: string; page?: Page; cursors: Cursor[] }
	| { type: "send"; client_id: string; conversation: string | null; text: string }
	| { type: "note"; client_id: string; conversation: string; text: string }
	| { type: "fetch"; ref: string; conversation: string; epoch: number; after: number; limit: number }
	| { type: "read"; conversation: string; seq: number }
	| { type: "typing"; conversation: string }
	| { type: "ping"; cursors: { conversation: string; seq: number }[] }
	| ({ type: "page" } & Page)
	| { type: "end"; conversation: string }
	| WatchVisitors
	| { type: "start_chat"; ref: string; visitor: string }
	| { type: "accept" | "close" | "follow" | "unfollow"; ref: string; conversation: string }
	| { type: "status"; status: "online" | "away" | "invisible" };

/** A frame as received, or `null` when it is none: the server is trusted to be well meant, not to be of this version. */
export function decode(raw: string): ServerFrame | null {
	try {
		const value = JSON.parse(raw);
		return typeof value?.type === "string" ? value : null;
	} catch {
		return null;
	}
}
