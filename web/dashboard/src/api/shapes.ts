/** The dashboard's names for the generated types of the HTTP API. Instants are RFC 3339 strings in UTC. */
import type { Problem, SiteSettings, TicketPatch, VisitorPatch } from "./shapes.gen";

export type {
	AgentAccount as WholeAgent,
	AgentItem as Agent,
	ChatLog,
	Comment,
	FirstSite,
	InvitedAgent as Invited,
	ListedChat,
	LogEntries,
	MailResult,
	MailStatus,
	Me,
	MePatch as MeChanges,
	Note,
	OwnSession,
	PageVisit as Visit,
	SearchHit,
	SetupState,
	SiteActivity,
	SiteFirstSteps,
	SiteSettings as Site,
	SiteTexts as WidgetTexts,
	Ticket,
	TicketChange,
	TicketItem,
	VisitorProfile as Profile,
	WidgetPage,
} from "./shapes.gen";

export type SiteChanges = Partial<Omit<SiteSettings, "site" | "version">>;
export type ProfileChanges = Omit<VisitorPatch, "version">;
export type TicketChanges = Omit<TicketPatch, "version">;

/** A refusal over HTTP, or in an error frame, which has fewer fields. */
export type ProblemBody = Pick<Problem, "code"> & Partial<Problem>;

/** A page of any list. */
export interface Listing<Item> {
	items: Item[];
	/** Cursor of the next page, or `null` at the end. */
	next: string | null;
	/** The search stopped at its bound: there may be more. */
	capped?: boolean;
}
