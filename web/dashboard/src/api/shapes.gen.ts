// Generated from docs/openapi.json by `make generate`.
import type { Entry } from "@palique/client";
import type { AgentRole, AgentStatus, ConversationStatus, Language, PersonKind, TicketPriority, TicketStatus, VisitorState } from "@palique/ui/vocabulary";

/** `needed`: the installation has no site yet. */
export interface SetupState {
	needed: boolean;
}

/** The set-up code; the name and the first origin of the site; name, e-mail address and password of its administrator. */
export interface FirstSite {
	code: string;
	site: string;
	origin: string;
	name: string;
	email: string;
	password: string;
}

/** The bounds are the length of an e-mail address, and of a password worth hashing. */
export interface SignIn {
	email: string;
	password: string;
}

/** `token`: an earlier token of this browser. `identity`: a signed token of the site's own sign-in. `consent`: the visitor agreed to be remembered. */
export interface VisitorSession {
	site: string;
	token?: string | null;
	identity?: string | null;
	consent?: boolean;
}

/** The token, its visitor's id and the site's public settings. All but the settings are null until the visitor consents. */
export interface VisitorSessionToken {
	token: string | null;
	visitor: string | null;
	expires_at: string | null;
	site: PublicSite;
}

/** A site as every visitor sees it. */
export interface PublicSite {
	key: string;
	name: string;
	colours: ThemeColours;
	position: "left" | "right";
	consent: boolean;
	texts: Record<Language, SiteTexts>;
}

/** The colours of the light and the dark theme. */
export interface ThemeColours {
	light: Colour;
	dark: Colour;
}

/** A background, and black or white for the text on it. */
export interface Colour {
	background: string;
	text: string;
}

/** The site's texts of the widget in one language; an empty one is the widget's own. */
export interface SiteTexts {
	title: string;
	online: string;
	offline: string;
}

/** `token` is the proof, and names visitor and site. */
export interface VisitorSessionEnd {
	token: string;
}

/** The signed-in agent. */
export interface Me {
	agent: string;
	name: string;
	email: string;
	role: AgentRole;
	site: string;
	departments: string[];
	photo: string | null;
	language: Language | null;
	status: AgentStatus;
}

/** Absent fields do not change; a language of null selects the browser's. */
export interface MePatch {
	name?: string;
	language?: Language | null;
}

/** `current` proves that the caller is the agent. */
export interface PasswordChange {
	current: string;
	new: string;
}

/** Proves that the caller is the agent, for the next ten minutes. */
export interface PasswordProof {
	password: string;
}

/** The agent's open sessions, newest first. */
export interface OwnSessionList {
	items: OwnSession[];
}

/** A session of the agent. The address, browser and system are those of the sign-in. Times of old sessions are null. */
export interface OwnSession {
	session: string;
	current: boolean;
	created_at: string | null;
	seen_at: string | null;
	browser: string;
	os: string;
	device: string;
	address: string;
}

/** The address of an agent's photo; null without a photo. */
export interface PhotoAddress {
	photo: string | null;
}

/** The agents with access. */
export interface AgentList {
	items: AgentItem[];
}

/** An agent as other agents see them. */
export interface AgentItem {
	agent: string;
	name: string;
	role: AgentRole;
	photo: string | null;
}

/** All agents, for administrators. */
export interface AgentAccountList {
	items: AgentAccount[];
}

/** An agent as administrators see them. */
export interface AgentAccount {
	agent: string;
	name: string;
	role: AgentRole;
	photo: string | null;
	email: string;
	access: "active" | "disabled" | "invited";
}

/** An agent to invite. */
export interface NewAgent {
	email: string;
	name: string;
	role?: AgentRole;
}

/** An agent with a new invitation, and what became of the mail with its link. */
export interface InvitedAgent {
	agent: AgentAccount;
	invitation: InvitationLink;
	mail: MailResult;
}

/** The token of an invitation; no later response contains it. */
export interface InvitationLink {
	token: string;
	expires_at: string;
}

/** `off`: mail is not configured. `queued`: another try follows. `later`: not sent, and no other try follows. `fault` is the step of the last try that failed, `answer` what the mail server said. */
export interface MailResult {
	state: "expired" | "later" | "off" | "queued" | "refused" | "sent" | "too_many" | "unavailable";
	fault?: "" | "connection" | "reply" | "sign_in" | "tls";
	answer?: string;
}

/** Absent fields do not change. */
export interface AgentPatch {
	role?: AgentRole;
	disabled?: boolean;
}

/** The token of an invitation. */
export interface Token {
	token: string;
}

/** The agent that an invitation belongs to. */
export interface Invitee {
	name: string;
	email: string;
}

/** The token of an invitation, and the password to set. */
export interface NewPassword {
	token: string;
	password: string;
}

/** A site as its agents see it. */
export interface SiteSettings {
	site: string;
	version: number;
	name: string;
	enabled: boolean;
	origins: string[];
	colours: SiteColours;
	position: "left" | "right";
	consent: boolean;
	teams: boolean;
	texts: Record<Language, SiteTexts>;
}

/** `#rrggbb`, for the light and the dark theme. */
export interface SiteColours {
	light: string;
	dark: string;
}

/** `waiting` of the `open_chats` have no agent yet. `visitors` are online now, so their pages show the chat. */
export interface SiteActivity {
	open_chats: number;
	waiting: number;
	visitors: number;
}

/** `seen`: the newest load of the widget by a page of the site. `refused`: pages of other origins, newest first. `tried`: there is a chat. `invited`: there is a second agent. `introduced`: the caller has a photo. */
export interface SiteFirstSteps {
	dismissed: boolean;
	seen: WidgetPage | null;
	refused: WidgetPage[];
	tried: boolean;
	invited: boolean;
	introduced: boolean;
}

/** An origin whose page loaded the widget, and when it last did. */
export interface WidgetPage {
	origin: string;
	at: string;
}

/** `dismissed` hides the checklist from all administrators of the site. */
export interface FirstStepsPatch {
	dismissed: boolean;
}

/** Absent fields do not change. `texts` replaces the texts of the languages that it contains. */
export interface SitePatch {
	version: number;
	name?: string;
	enabled?: boolean;
	origins?: string[];
	colours?: Colours;
	position?: "left" | "right";
	consent?: boolean;
	teams?: boolean;
	texts?: Partial<Record<string, WidgetTexts>>;
}

/** Background of the button, the header and the visitor's messages, in the light and the dark theme. */
export interface Colours {
	light?: string;
	dark?: string;
}

/** The site's texts of the widget in one language; an empty one is the widget's own. */
export interface WidgetTexts {
	title?: string;
	online?: string;
	offline?: string;
}

/** `sender` is empty without mail. `waiting`: mails of the site that wait for another try. */
export interface MailStatus {
	configured: boolean;
	sender: string;
	waiting: number;
}

/** A visitor as agents see them. `named` is false while `name` is a placeholder. `page` is null while the visitor is offline; `pages` is newest first. */
export interface VisitorProfile {
	visitor: string;
	version: number;
	name: string;
	named: boolean;
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
	location: Location;
	computer: Computer;
	page: OpenPage | null;
	pages: PageVisit[];
	fields: PageField[];
}

/** A note about a visitor. `edited` is null before the first edit. */
export interface Note {
	id: string;
	version: number;
	text: string;
	author: Author;
	at: string;
	edited: Edit | null;
}

/** The author of a text or a change. */
export interface Author {
	kind: PersonKind;
	id: string;
	name: string;
}

/** The last edit of a note. */
export interface Edit {
	by: Author;
	at: string;
}

/** Where the visitor's address is. */
export interface Location {
	ip: string | null;
	country: string | null;
	region: string | null;
}

/** What the visitor's browser reports about itself. */
export interface Computer {
	user_agent: string | null;
	browser: string | null;
	os: string | null;
	device: string | null;
}

/** The page that the visitor has open. */
export interface OpenPage {
	url: string;
	title: string;
}

/** A page that the visitor opened. */
export interface PageVisit {
	url: string;
	title: string;
	referrer: string | null;
	at: string;
}

/** A value that the site's page gives about the visit, unsigned. */
export interface PageField {
	key: string;
	value: string;
}

/** Absent fields do not change, null erases a field. Presence checks the values. */
export interface VisitorPatch {
	version: number;
	name?: string | null;
	email?: string | null;
	phone?: string | null;
	bio?: string;
}

/** A note. Repeating the request with the same `client_id` adds nothing. */
export interface NewNote {
	client_id: string;
	text: string;
}

/** A new text for the note at `version`. */
export interface NotePatch {
	version: number;
	text: string;
}

/** `next` is the cursor of the next page, null on the last one. `capped`: the search stopped at its bound, there may be more. */
export interface ChatList {
	items: ListedChat[];
	next: string | null;
	capped?: boolean;
}

/** A chat in a list. `hit` is absent without a search, and when only the visitor's name has the words. */
export interface ListedChat {
	conversation: string;
	status: ConversationStatus;
	visitor: ChatVisitor;
	agents: Person[];
	started_by: "agent" | "visitor";
	started_at: string;
	ended_at: string | null;
	duration_s: number | null;
	messages: number;
	flagged: boolean;
	preview: string | null;
	last_line: string | null;
	unanswered_since: string | null;
	last_at: string;
	hit?: SearchHit;
}

/** The visitor of a chat, by the current name. */
export interface ChatVisitor {
	id: string;
	name: string;
	region: string | null;
	country: string | null;
}

/** A visitor or an agent, as the name of the field says. */
export interface Person {
	id: string;
	name: string;
}

/** The message or note that the search found: its place in the log, and its text around the words. */
export interface SearchHit {
	seq: number;
	kind: "message" | "note";
	author: Author;
	excerpt: ExcerptPart[];
}

/** A part of an excerpt; a marked one is a word of the search. */
export interface ExcerptPart {
	text: string;
	marked: boolean;
}

/** The review flag. */
export interface ChatPatch {
	flagged: boolean;
}

/** A chat in a list. `ended_at` and `duration_s` are null while the chat is open. `preview` is the visitor's first line, while the chat waits; `last_line` is the first line of the last message. `unanswered_since` is the time of the visitor's first message after the last one of an agent, while the chat is open. Each is null without such a message. `last_at` is the time of the newest entry, notes included. */
export interface ChatItem {
	conversation: string;
	status: ConversationStatus;
	visitor: ChatVisitor;
	agents: Person[];
	started_by: "agent" | "visitor";
	started_at: string;
	ended_at: string | null;
	duration_s: number | null;
	messages: number;
	flagged: boolean;
	preview: string | null;
	last_line: string | null;
	unanswered_since: string | null;
	last_at: string;
}

/** A chat with entries of its log. `ticket` is null without a ticket, absent while tickets does not respond. */
export interface ChatLog {
	conversation: string;
	status: ConversationStatus;
	visitor: ChatVisitor;
	agents: Person[];
	started_by: "agent" | "visitor";
	started_at: string;
	ended_at: string | null;
	duration_s: number | null;
	messages: number;
	flagged: boolean;
	preview: string | null;
	last_line: string | null;
	unanswered_since: string | null;
	last_at: string;
	epoch: number;
	head: number;
	entries: Entry[];
	ticket?: TicketReference | null;
}

/** The ticket of a chat. */
export interface TicketReference {
	id: string;
	number: number;
}

/** A page of a log. `head` is the seq of the newest entry. */
export interface LogEntries {
	epoch: number;
	head: number;
	entries: Entry[];
}

/** A ticket with its transcript and its history, newest change last. */
export interface Ticket {
	id: string;
	number: number;
	version: number;
	conversation: string | null;
	subject: string;
	status: TicketStatus;
	priority: TicketPriority;
	assignee: Person | null;
	visitor: TicketVisitor;
	created_at: string;
	updated_at: string;
	transcript: TranscriptEntry[];
	history: TicketChange[];
}

/** The visitor of a ticket, by the current name. */
export interface TicketVisitor {
	id: string;
	name: string;
	email: string | null;
}

/** A message of the ticket's chat. */
export interface TranscriptEntry {
	type: "entry";
	conversation: string;
	seq: number;
	kind: string;
	author: Author;
	text: string;
	at: string;
}

/** A change of one field. Of the assignee, `before` and `after` are ids, empty for no assignee. */
export interface TicketChange {
	by: Author;
	at: string;
	field: string;
	before: string;
	after: string;
}

/** `next` is the cursor of the next page, null on the last one. */
export interface TicketList {
	items: TicketItem[];
	next: string | null;
}

/** A ticket in a list. */
export interface TicketItem {
	id: string;
	number: number;
	version: number;
	conversation: string | null;
	subject: string;
	status: TicketStatus;
	priority: TicketPriority;
	assignee: Person | null;
	visitor: TicketVisitor;
	created_at: string;
	updated_at: string;
}

/** Absent fields do not change. `assignee` is the id of an agent of the site; null removes the assignee. */
export interface TicketPatch {
	version: number;
	subject?: string;
	status?: TicketStatus;
	priority?: TicketPriority;
	assignee?: string | null;
}

/** Newest first; `next` is the cursor of the next page, null on the last one. */
export interface CommentList {
	items: Comment[];
	next: string | null;
}

/** A comment on a ticket. */
export interface Comment {
	id: string;
	text: string;
	author: Author;
	at: string;
}

/** A comment. Repeating the request with the same `client_id` adds nothing. */
export interface NewComment {
	client_id: string;
	text: string;
}

/** RFC 9457, with a stable code. `current` is the current state, of a conflict; `field` is the field that does not fit. */
export interface Problem {
	type: string;
	title: string;
	status: number;
	code: string;
	detail: string;
	current?: unknown;
	retry_after_s?: number;
	field?: string;
}
