/** A conversation as lists and windows show it: the server's last state plus newer entries. Pure. */
import {
	type ConversationChanged,
	type ConversationState,
	type Entry,
	type FoldedConversation,
	foldEntries,
	NOT_STARTED,
	type Person,
	type Thread,
	typingIn,
	type Welcome,
} from "@palique/client";
import { stripBidiControls } from "@palique/ui/bidi";

export interface ChatSummary {
	readonly conversation: string;
	readonly status: ConversationState["status"];
	readonly visitor: Person;
	readonly assignee: Person | null;
	readonly mine: boolean;
	readonly startedBy: "visitor" | "agent";
	readonly startedAt: string;
	/** The visitor's messages that this agent has not read. */
	readonly unread: number;
	readonly lastText: string | null;
	readonly lastAt: string;
	/** Since when the visitor waits for an agent or an answer; `null` while an agent wrote last. */
	readonly waitingSince: string | null;
	readonly typing: boolean;
}

type Me = Welcome["me"] | null;
/** What the server says of a conversation; only the `conversation` frame has the other fields. */
type AgentState = ConversationState & Pick<ConversationChanged, "last_line" | "unanswered_since" | "last_at">;

export function chatSummary(
	state: AgentState,
	thread: Thread | undefined,
	me: Me,
	unread: number,
): ChatSummary {
	const entries = thread?.log.entries ?? [];
	const folded = foldState(state, thread);
	const whole = thread !== undefined && thread.log.last >= state.head && entries.length > 0;
	const status = whole ? folded.status : state.status;
	const assignee = whole ? folded.assignee : state.assignee;
	const messages = entries.filter(({ kind }) => kind === "message");
	const lastText = messages.at(-1)?.text ?? state.preview ?? state.last_line;
	const unanswered = messages.length > 0 ? unansweredSince(messages) : (state.unanswered_since ?? null);
	return {
		conversation: state.conversation,
		status,
		visitor: state.visitor,
		assignee,
		mine: me !== null && assignee?.id === me.id,
		startedBy: state.started_by,
		startedAt: state.started_at,
		unread,
		lastText: lastText === undefined ? null : stripBidiControls(lastText),
		lastAt: entries.findLast((entry) => entry.at !== undefined)?.at ?? state.last_at ?? state.started_at,
		waitingSince: status === "waiting" ? state.started_at : status === "active" ? unanswered : null,
		typing:
			status === "active" && thread !== undefined && typingIn(thread).some(({ kind }) => kind === "visitor"),
	};
}

/** Folds the whole log if its beginning is loaded, otherwise the entries after the server's state. */
function foldState(
	state: ConversationState,
	thread: Thread | undefined,
): Pick<FoldedConversation, "status" | "assignee"> {
	const { entries, from } = thread?.log ?? { entries: [], from: 0 };
	if (from === 0) return foldEntries(entries);
	const known = { ...NOT_STARTED, status: state.status, assignee: state.assignee };
	return foldEntries(
		entries.filter((entry) => entry.seq > state.head),
		known,
	);
}

export function unreadOf(thread: Thread, read: number): number {
	const unseen = (seq: number, kind: string, author: string | undefined) =>
		seq > read && kind === "message" && author === "visitor";
	return thread.log.entries.filter((entry) => unseen(entry.seq, entry.kind, entry.author?.kind)).length;
}

/** Time of the visitor's first message after the last one of an agent. */
function unansweredSince(messages: readonly Entry[]): string | null {
	const answered = messages.findLastIndex(({ author }) => author?.kind === "agent");
	return messages.slice(answered + 1).find(({ author }) => author?.kind === "visitor")?.at ?? null;
}

const NEED = { waiting: 0, active: 1, closed: 2 } as const;

/** Sort order: waiting chats, running ones, ended ones; in each the longest wait for an answer first, then the last message. */
export function byNeed(one: ChatSummary, other: ChatSummary): number {
	return (
		NEED[one.status] - NEED[other.status] ||
		byWait(one.waitingSince, other.waitingSince) ||
		other.lastAt.localeCompare(one.lastAt)
	);
}

function byWait(one: string | null, other: string | null): number {
	if (one === null || other === null) return Number(one === null) - Number(other === null);
	return one.localeCompare(other);
}
