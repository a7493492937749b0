// Generated from services/gateway/connection/frames.py by `make generate`.

/** A page of the site. Text that is too long is cut by the gateway. */
export interface Page {
	url?: string;
	title?: string;
	referrer?: string;
	front?: boolean;
}

/** The end of the client's copy of a log. A `ping` needs no `epoch`. */
export interface Cursor {
	conversation: string;
	seq: number;
	epoch?: number;
}

/** A value that the page gives about the visit. An empty value removes the field. */
export interface PageField {
	key: string;
	value: string;
}

/** Selects visitors. An absent field, `null` or `""` selects all. `page` is a part of a title or an address; times are seconds. */
export interface VisitorFilter {
	text?: string | null;
	state?: "browsing" | "chatting" | "idle" | "waiting" | "" | null;
	country?: string | null;
	page?: string | null;
	min_visits?: number | null;
	min_chats?: number | null;
	min_on_page_s?: number | null;
	min_on_site_s?: number | null;
}

/** The person that the connection belongs to. */
export interface Peer {
	kind: "visitor" | "agent";
	id: string;
	name: string;
}

/** Characters of a message, bytes of a frame, entries of a `fetch`. */
export interface Limits {
	text: number;
	frame: number;
	fetch: number;
}

/** A visitor or an agent. */
export interface Person {
	id: string;
	name: string;
}

/** A person. An empty name is left out. */
export interface Author {
	kind: "visitor" | "agent" | "integration" | "system";
	id: string;
	name?: string;
}

/** How far a participant has read. */
export interface ReadMark {
	reader: Author;
	seq: number;
}

/** A conversation. Only `welcome` and the `reply` to `follow` have `reads`. `preview` is the visitor's first line, while the chat waits. */
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
	preview?: string;
}

/** An entry of a log. A hidden one has only its position; clients skip unknown kinds and count their seq. */
export interface Entry {
	conversation: string;
	epoch: number;
	seq: number;
	kind: string;
	author?: Author;
	client_id?: string;
	text?: string;
	at?: string;
	agent?: Author;
	started_by?: "visitor" | "agent";
	by?: string;
	reason?: string;
	until?: string;
	round?: number;
	to_agent?: Author;
	to_department?: string;
	note?: string;
	priority?: number;
}

/** The newest entry of a log. */
export interface Head {
	conversation: string;
	epoch: number;
	head: number;
}

/** The page that a visitor looks at, since `at`. */
export interface VisitedPage {
	url: string;
	title: string;
	at: string;
}

/** An online visitor. `fields_version` rises with every change of the page's fields, which `GET /api/v1/visitors/{id}` has. */
export interface VisitorRow {
	visitor: string;
	name: string;
	state: "waiting" | "chatting" | "browsing" | "idle";
	region: string;
	country: string | null;
	page: VisitedPage;
	visits: number;
	chats: number;
	since: string;
	device: string;
	browser: string;
	os: string;
	fields_version?: number;
}

/** The first frame. Only visitors send `token` and `page`; agents are known by their cookie. */
export interface Hello {
	type: "hello";
	token?: string | null;
	client?: string;
	page?: Page | null;
	cursors?: Cursor[];
}

/** A message; the answer is `ack` or `nack`. Without a conversation, a visitor's message goes to their open chat or opens one. */
export interface Send {
	type: "send";
	client_id: string;
	text: string;
	conversation?: string | null;
}

/** Asks for the page of a log after the entry `after`; the answer is `entries`. */
export interface Fetch {
	type: "fetch";
	ref: string;
	conversation: string;
	after: number;
	epoch?: number;
	limit?: number;
}

/** The person has read the conversation up to `seq`. */
export interface Read {
	type: "read";
	conversation: string;
	seq: number;
}

/** The person types a message. */
export interface Typing {
	type: "typing";
	conversation: string;
}

/** Keeps the connection open and compares cursors; the answer is `pong`. */
export interface Ping {
	type: "ping";
	cursors?: Cursor[];
}

/** What the visitor's tab shows; sent after a navigation, a change of the title, and when the tab comes to the front. */
export interface PageView {
	type: "page";
	url: string;
	title?: string;
	referrer?: string;
	front?: boolean;
}

/** The visitor ends the chat. With a `ref` the answer is `reply`. */
export interface End {
	type: "end";
	conversation: string;
	ref?: string | null;
}

/** The visitor as the page knows them, unsigned: fills only fields that are empty, and opens nothing. No answer, except the refusal of a field. */
export interface Profile {
	type: "profile";
	name?: string;
	email?: string;
	phone?: string;
}

/** Values that the page gives about the visit, unsigned: agents see them, and they open nothing. Others stay. No answer, except a refusal. */
export interface Fields {
	type: "fields";
	fields: PageField[];
}

/** A note that only agents can read; the answer is `ack` or `nack`. */
export interface Note {
	type: "note";
	client_id: string;
	text: string;
	conversation: string;
}

/** Opens or moves the agent's window on the list of visitors; `limit` 0 closes it. The answer is `visitors`, then `visitors_changed`. */
export interface WatchVisitors {
	type: "watch_visitors";
	limit: number;
	sort?: "chats" | "name" | "page" | "page_at" | "region" | "since" | "state" | "visits";
	descending?: boolean;
	filter?: VisitorFilter;
	offset?: number;
	language?: string;
}

/** Opens a chat with a visitor, or resumes the open one; the answer is `chat_started`. */
export interface StartChat {
	type: "start_chat";
	ref: string;
	visitor: string;
}

/** Assigns a waiting chat to the agent; the answer is `reply`. */
export interface Accept {
	type: "accept";
	ref: string;
	conversation: string;
}

/** Puts the agent's own chat back into the queue; the answer is `reply`. Needs the site's setting `teams`. */
export interface Release {
	type: "release";
	ref: string;
	conversation: string;
}

/** Assigns the chat of another agent to an administrator; the answer is `reply`. Needs the site's setting `teams`. */
export interface TakeOver {
	type: "take_over";
	ref: string;
	conversation: string;
}

/** Ends a chat; the answer is `reply`. */
export interface CloseChat {
	type: "close";
	ref: string;
	conversation: string;
}

/** Subscribes to the entries of a conversation of another agent; the answer is `reply`. */
export interface Follow {
	type: "follow";
	ref: string;
	conversation: string;
}

/** Ends a subscription of `follow`; the answer is `reply`. */
export interface Unfollow {
	type: "unfollow";
	ref: string;
	conversation: string;
}

/** Sets the agent's availability. */
export interface Status {
	type: "status";
	status: "away" | "invisible" | "online";
}

/** Asks for the current names of visitors; the answer is `visitor_names`, without unknown visitors. */
export interface NameVisitors {
	type: "name_visitors";
	visitors: string[];
}

/** The answer to `hello`, with the peer's open conversations (for a visitor, also the newest closed one). Missed entries follow. */
export interface Welcome {
	type: "welcome";
	connection: string;
	me: Peer;
	heartbeat_ms: number;
	limits: Limits;
	server_time: string;
	conversations: ConversationState[];
}

/** The message is stored on a majority of the database. It counts as the entry, which this connection does not get. */
export interface Ack {
	type: "ack";
	client_id: string;
	conversation: string;
	epoch: number;
	seq: number;
	at: string;
	duplicate: boolean;
}

/** The message is refused. `retry_ms` null is final; otherwise send it again after this time, with the same `client_id`. */
export interface Nack {
	type: "nack";
	client_id: string;
	code: string;
	message: string;
	retry_ms: number | null;
}

/** The answer to `fetch`. */
export interface Entries {
	type: "entries";
	ref: string;
	conversation: string;
	epoch: number;
	items: Entry[];
	head: number;
	more: boolean;
}

/** Entries up to `head` were not sent; fetch them. */
export interface Stale {
	type: "stale";
	conversation: string;
	head: number;
}

/** The log was restored from a backup under a higher epoch, perhaps with a lower head: delete the copy and fetch from 0. */
export interface Reset {
	type: "reset";
	conversation: string;
	epoch: number;
	head: number;
}

/** A participant has read up to `seq`. */
export interface ReadUpdate {
	type: "read";
	conversation: string;
	seq: number;
	reader: Author;
}

/** Another participant types; at most one a second. */
export interface TypingNotice {
	type: "typing";
	conversation: string;
	who: Author;
}

/** The answer to `ping`, with only those heads that are ahead of the client's cursors, or of a higher epoch. */
export interface Pong {
	type: "pong";
	heads: Head[];
	server_time: string;
}

/** The gateway stops: connect again at a random moment within this time, then close this connection. */
export interface Drain {
	type: "drain";
	within_ms: number;
}

/** A frame was refused. With `retry_ms` it may be sent again after this time. */
export interface FrameError {
	type: "error";
	code: string;
	message: string;
	ref?: string;
	retry_ms?: number;
}

/** The answer to a request with a `ref` that has no frame of its own: `code` and `message` of a refusal, else the conversation. */
export interface Reply {
	type: "reply";
	ref: string;
	ok: boolean;
	code?: string;
	message?: string;
	conversation?: string;
	epoch?: number;
	head?: number;
	status?: "waiting" | "active" | "closed";
	visitor?: Person;
	assignee?: Person | null;
	started_by?: "visitor" | "agent";
	started_at?: string;
	ended_at?: string | null;
	reads?: ReadMark[];
	preview?: string;
}

/** Sent when it changes: whether an agent is available, and the visitor's place in the queue. */
export interface SiteAvailability {
	type: "site";
	online: boolean;
	queue_position: number | null;
}

/** The window, once for each `watch_visitors`. `total` counts the visitors that the filter selects, `online` all. */
export interface Visitors {
	type: "visitors";
	total: number;
	online: number;
	version: number;
	rows: VisitorRow[];
}

/** Changes of the window, at most two a second. `remove` and `order` hold ids; `order` is the whole window. */
export interface VisitorsChanged {
	type: "visitors_changed";
	total: number;
	online: number;
	version: number;
	upsert: VisitorRow[];
	remove: string[];
	order: string[];
}

/** The answer to `start_chat`. */
export interface ChatStarted {
	type: "chat_started";
	ref: string;
	conversation: string;
	resumed: boolean;
}

/** The chats that wait for an agent: how many, and the oldest of them. */
export interface Queue {
	type: "queue";
	waiting: number;
	offers: ConversationState[];
}

/** The state of a conversation of the site changed. `last_line` is of the last message; the visitor waits for an answer since `unanswered_since`. `last_at` is the time of the newest entry. */
export interface ConversationChanged {
	type: "conversation";
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
	preview?: string;
	last_line?: string;
	unanswered_since?: string;
	last_at?: string;
}

/** The site's settings were written; `GET /api/v1/site` has the rest. */
export interface SiteSettingsChanged {
	type: "site_settings";
	enabled: boolean;
	version: number;
}

/** Sent when it changes: which of mongodb, rabbitmq, chat, presence, tickets have not answered for some seconds; empty when all answer. */
export interface ServicesAway {
	type: "away";
	services: string[];
}

/** Current names of visitors: the answer to `name_visitors`, and sent to all agents of the site when a name changes. */
export interface VisitorNames {
	type: "visitor_names";
	visitors: Person[];
}

export type ClientFrame =
	| Hello
	| Send
	| Fetch
	| Read
	| Typing
	| Ping
	| PageView
	| End
	| Profile
	| Fields
	| Note
	| WatchVisitors
	| StartChat
	| Accept
	| Release
	| TakeOver
	| CloseChat
	| Follow
	| Unfollow
	| Status
	| NameVisitors;

export type ServerFrame =
	| Welcome
	| Ack
	| Nack
	| ({ type: "entry" } & Entry)
	| Entries
	| Stale
	| Reset
	| ReadUpdate
	| TypingNotice
	| Pong
	| Drain
	| FrameError
	| Reply
	| SiteAvailability
	| Visitors
	| VisitorsChanged
	| ChatStarted
	| Queue
	| ConversationChanged
	| SiteSettingsChanged
	| ServicesAway
	| VisitorNames;
