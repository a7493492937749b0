/** The gateway's HTTP API, one method a call. Every method rejects with `Problem`. */
import type { ConversationStatus, Language, TicketPriority, TicketStatus } from "@palique/ui/vocabulary";
import type { Http } from "./http";
import type {
	Agent,
	ChatLog,
	Comment,
	FirstSite,
	Invited,
	ListedChat,
	Listing,
	LogEntries,
	MailResult,
	MailStatus,
	Me,
	MeChanges,
	OwnSession,
	Profile,
	ProfileChanges,
	SetupState,
	Site,
	SiteActivity,
	SiteChanges,
	SiteFirstSteps,
	Ticket,
	TicketChanges,
	TicketItem,
	WholeAgent,
} from "./shapes";

// About one and a half screens.
const PAGE = 50;
// Entries of a log: some screens.
const LOG_PAGE = 100;

export interface ChatFilter {
	visitor?: string;
	agent?: string;
	flagged?: boolean;
	status?: ConversationStatus;
	from?: string;
	to?: string;
	/** Words of a name or e-mail address, or an id. */
	person?: string;
	country?: string;
	/** Words of messages. */
	text?: string;
}

export interface TicketFilter {
	status?: TicketStatus;
	priority?: TicketPriority;
	/** An agent's id, or `none`. */
	assignee?: string;
	text?: string;
}

declare module "../StoresContext" {
	interface Stores {
		api: Api;
	}
}

export class Api {
	readonly #http: Http;

	constructor(http: Http) {
		this.#http = http;
	}

	me(): Promise<Me> {
		return this.#http.get("/me");
	}

	changeMe(changes: MeChanges): Promise<Me> {
		return this.#http.patch("/me", changes);
	}

	changePassword(current: string, password: string): Promise<void> {
		return this.#http.post("/me/password", { current, new: password });
	}

	/** Proves to the gateway that the agent knows the password, for some minutes. */
	prove(password: string): Promise<void> {
		return this.#http.post("/me/proof", { password });
	}

	async sessions(): Promise<OwnSession[]> {
		return (await this.#http.get<{ items: OwnSession[] }>("/me/sessions")).items;
	}

	endSession(id: string): Promise<void> {
		return this.#http.delete(`/me/sessions/${encodeURIComponent(id)}`);
	}

	/** Also the session of this browser. */
	endAllSessions(): Promise<void> {
		return this.#http.delete("/me/sessions");
	}

	setPhoto(file: Blob): Promise<{ photo: string }> {
		return this.#http.put("/me/photo", file);
	}

	dropPhoto(): Promise<{ photo: null }> {
		return this.#http.delete("/me/photo");
	}

	/** Whether the installation has no site yet. */
	setup(): Promise<SetupState> {
		return this.#http.get("/setup");
	}

	/** Creates the first site and its administrator. The next call is `signIn`. */
	setUp(first: FirstSite): Promise<void> {
		return this.#http.post("/setup", first);
	}

	/** The invited agent. */
	invitation(token: string): Promise<{ name: string; email: string }> {
		return this.#http.post("/invitation", { token });
	}

	takeInvitation(token: string, password: string): Promise<void> {
		return this.#http.post("/invitation/password", { token, password });
	}

	signIn(email: string, password: string): Promise<void> {
		return this.#http.post("/session", { email, password });
	}

	signOut(): Promise<void> {
		return this.#http.delete("/session");
	}

	async agents(): Promise<Agent[]> {
		return (await this.#http.get<{ items: Agent[] }>("/agents")).items;
	}

	async everyone(): Promise<WholeAgent[]> {
		return (await this.#http.get<{ items: WholeAgent[] }>("/agents", { all: true })).items;
	}

	invite(agent: { email: string; name: string; role: Me["role"] }): Promise<Invited> {
		return this.#http.post("/agents", agent);
	}

	inviteAgain(id: string): Promise<Invited> {
		return this.#http.post(`/agents/${encodeURIComponent(id)}/invitation`);
	}

	changeAgent(id: string, changes: { role?: Me["role"]; disabled?: boolean }): Promise<WholeAgent> {
		return this.#http.patch(`/agents/${encodeURIComponent(id)}`, changes);
	}

	/** For administrators. */
	mail(): Promise<MailStatus> {
		return this.#http.get("/mail");
	}

	/** To the administrator's own address. */
	testMail(): Promise<MailResult> {
		return this.#http.post("/mail/test");
	}

	site(): Promise<Site> {
		return this.#http.get("/site");
	}

	/** Counts of now, by the server. */
	siteActivity(signal?: AbortSignal): Promise<SiteActivity> {
		return this.#http.get("/site/activity", {}, signal);
	}

	/** For administrators. */
	firstSteps(): Promise<SiteFirstSteps> {
		return this.#http.get("/site/first-steps");
	}

	dismissFirstSteps(): Promise<void> {
		return this.#http.patch("/site/first-steps", { dismissed: true });
	}

	/** Answers 409 with the current site when `version` is old. */
	changeSite(version: number, changes: SiteChanges): Promise<Site> {
		return this.#http.patch("/site", { version, ...changes });
	}

	visitor(id: string, signal?: AbortSignal): Promise<Profile> {
		return this.#http.get(`/visitors/${encodeURIComponent(id)}`, {}, signal);
	}

	/** Answers 409 with the current profile when `version` is old. */
	editVisitor(id: string, version: number, changes: ProfileChanges): Promise<Profile> {
		return this.#http.patch(`/visitors/${encodeURIComponent(id)}`, { version, ...changes });
	}

	/** Safe to repeat with the same `clientId`. */
	addNote(id: string, clientId: string, text: string): Promise<Profile> {
		return this.#http.post(`/visitors/${encodeURIComponent(id)}/notes`, { client_id: clientId, text });
	}

	/** Answers 409 with the current profile when the note's `version` is old. */
	editNote(id: string, note: string, version: number, text: string): Promise<Profile> {
		const path = `/visitors/${encodeURIComponent(id)}/notes/${encodeURIComponent(note)}`;
		return this.#http.patch(path, { version, text });
	}

	chats(filter: ChatFilter, cursor?: string | null, signal?: AbortSignal): Promise<Listing<ListedChat>> {
		return this.#http.get("/chats", { ...filter, cursor, limit: PAGE }, signal);
	}

	/** The chat with the entries around the `seq` `at`, or the newest ones. */
	chatLog(id: string, at: number | undefined, signal?: AbortSignal): Promise<ChatLog> {
		return this.#http.get(`/chats/${encodeURIComponent(id)}/log`, { at, limit: LOG_PAGE }, signal);
	}

	/** The entries next to a `seq`; without one the oldest. */
	logEntries(
		id: string,
		next: { before?: number; after?: number },
		signal?: AbortSignal,
	): Promise<LogEntries> {
		return this.#http.get(`/chats/${encodeURIComponent(id)}/entries`, { ...next, limit: LOG_PAGE }, signal);
	}

	/** URL of the log as a file; `language` is that of the labels in the file. */
	exportAddress(id: string, format: "text" | "json", language: Language): string {
		const query = new URLSearchParams({ format, language });
		return `/api/v1/chats/${encodeURIComponent(id)}/export?${query}`;
	}

	flagChat(id: string, flagged: boolean): Promise<unknown> {
		return this.#http.patch(`/chats/${encodeURIComponent(id)}`, { flagged });
	}

	/** Creates the chat's ticket, or returns the existing one. */
	ticketFromChat(id: string): Promise<TicketItem> {
		return this.#http.post(`/chats/${encodeURIComponent(id)}/ticket`);
	}

	tickets(filter: TicketFilter, cursor?: string | null, signal?: AbortSignal): Promise<Listing<TicketItem>> {
		return this.#http.get("/tickets", { ...filter, cursor, limit: PAGE }, signal);
	}

	ticket(id: string, signal?: AbortSignal): Promise<Ticket> {
		return this.#http.get(`/tickets/${encodeURIComponent(id)}`, {}, signal);
	}

	comments(ticket: string, cursor?: string | null, signal?: AbortSignal): Promise<Listing<Comment>> {
		return this.#http.get(`/tickets/${encodeURIComponent(ticket)}/comments`, { cursor, limit: PAGE }, signal);
	}

	/** Safe to repeat with the same `clientId`: returns the first comment. */
	addComment(ticket: string, clientId: string, text: string): Promise<Comment> {
		return this.#http.post(`/tickets/${encodeURIComponent(ticket)}/comments`, { client_id: clientId, text });
	}

	/** Answers 409 with the current ticket when `version` is old. */
	editTicket(id: string, version: number, changes: TicketChanges): Promise<Ticket> {
		return this.#http.patch(`/tickets/${encodeURIComponent(id)}`, { version, ...changes });
	}
}
