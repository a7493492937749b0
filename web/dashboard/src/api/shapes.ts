/** What the HTTP side of docs/protocol.md answers. Instants are RFC 3339 strings in UTC. */
import type { Author, Entry, Person } from "@palique/client";
import type {
	AgentRole,
	AgentStatus,
	ConversationStatus,
	Language,
	TicketPriority,
	TicketStatus,
	VisitorState,
} from "@palique/ui/vocabulary";

export interface Me {
	agent: string;
	name: string;
	email: string;
	role: AgentRole;
	site: string;
	photo: string | null;
	language: Language | null;
	status: AgentStatus;
}

export interface MeChanges {
	name?: string;
	language?: Language | null;
}

export interface Agent {
	agent: string;
	name: string;
	role: Me["role"];
	photo: string | null;
}

/** As administrators see an agent. */
export interface WholeAgent extends Agent {
	email: string;
	access: "active" | "invited" | "disabled";
}

export interface Invited {
	agent: WholeAgent;
	/** Shown this once. */
	invitation: { token: string; expires_at: string };
}

export interface WidgetTexts {
	title: string;
	online: string;
	offline: string;
}

export interface Site {
	site: string;
	version: number;
	name: string;
	enabled: boolean;
	origins: string[];
	colours: { light: string; dark: string };
	position: "right" | "left";
	consent: boolean;
	texts: Record<Language, WidgetTexts>;
}

export type SiteChanges = Partial<Omit<Site, "site" | "version">>;

export interface Note {
	id: string;
	version: number;
	text: string;
	author: Author;
	at: string;
	/** The last edit of the text. */
	edited: { by: Author; at: string } | null;
}

export interface Visit {
	url: string;
	title: string;
	referrer: string | null;
	at: string;
}

export interface Profile {
	visitor: string;
	version: number;
	name: string;
	/** False while `name` is only a placeholder. */
	named?: boolean;
	email: string | null;
	phone: string | null;
	bio: string;
	notes: Note[];
	visits: number;
	chats: number;
	first_seen: string;
	last_seen: string;
	online: boolean;
	state: VisitorState | null;
	since: string | null;
	location: { ip: string | null; country: string | null; region: string | null };
	computer: {
		user_agent: string | null;
		browser: string | null;
		os: string | null;
		device: string | null;
	};
	page: { url: string; title: string } | null;
	/** Newest first. */
	pages: Visit[];
}

export interface ProfileChanges {
	name?: string;
	email?: string | null;
	phone?: string | null;
	bio?: string;
}

export interface ChatItem {
	conversation: string;
	status: ConversationStatus;
	visitor: { id: string; name: string; region?: string | null; country?: string | null };
	agents: Person[];
	started_by: "visitor" | "agent";
	started_at: string;
	ended_at: string | null;
	duration_s: number | null;
	messages: number;
	flagged: boolean;
}

export interface ChatLog extends ChatItem {
	epoch: number;
	head: number;
	entries: Entry[];
	/** The ticket of this chat; missing while it cannot be told. */
	ticket?: { id: string; number: number } | null;
}

export interface TicketItem {
	id: string;
	number: number;
	version: number;
	conversation: string | null;
	subject: string;
	status: TicketStatus;
	priority: TicketPriority;
	assignee: Person | null;
	visitor: { id: string; name: string; email: string | null };
	created_at: string;
	updated_at: string;
}

export interface Ticket extends TicketItem {
	transcript: Entry[];
	/** Newest last. */
	history: TicketChange[];
}

/** Of an assignee, `before` and `after` are ids, empty for nobody. */
export interface TicketChange {
	by: Author;
	at: string;
	field: string;
	before: string;
	after: string;
}

export interface Comment {
	id: string;
	text: string;
	author: Author;
	at: string;
}

export interface TicketChanges {
	subject?: string;
	status?: TicketStatus;
	priority?: TicketPriority;
	/** An agent's id. */
	assignee?: string | null;
}

export interface Listing<Item> {
	items: Item[];
	/** Cursor of the next page, or `null` at the end. */
	next: string | null;
	/** The search stopped at its bound: there may be more. */
	capped?: boolean;
}

export interface ProblemBody {
	code: string;
	detail?: string;
	current?: unknown;
	retry_after_s?: number;
}
