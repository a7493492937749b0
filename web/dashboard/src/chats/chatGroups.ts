/** The list of chats: groups by need, and the next chat in its order. Pure. */
import { byNeed, type ChatSummary } from "./chatSummary";

export const GROUPS = ["waiting", "mine", "colleagues", "ended"] as const;
export type GroupKind = (typeof GROUPS)[number];

/** In the order of `byNeed`. */
export interface ChatGroup {
	readonly kind: GroupKind;
	readonly chats: readonly ChatSummary[];
}

/**
 * All groups in the order of `GROUPS`. `known`: the chats of this agent, waiting ones and open windows; they replace the same
 * chats of `others`, of which less is known.
 */
export function groupChats(known: readonly ChatSummary[], others: readonly ChatSummary[]): ChatGroup[] {
	const ids = new Set(known.map(({ conversation }) => conversation));
	const all = [...known, ...others.filter(({ conversation }) => !ids.has(conversation))].sort(byNeed);
	return GROUPS.map((kind) => ({ kind, chats: all.filter((chat) => groupOf(chat) === kind) }));
}

function groupOf({ status, mine }: ChatSummary): GroupKind {
	if (status === "waiting") return "waiting";
	if (status === "closed") return "ended";
	return mine ? "mine" : "colleagues";
}

/** The chat `step` places after `current`, around the end; the first one (last one for -1) if `current` is not in the list. */
export function neighbour(
	chats: readonly ChatSummary[],
	current: string | null,
	step: 1 | -1,
): string | undefined {
	const at = chats.findIndex(({ conversation }) => conversation === current);
	const from = at < 0 && step < 0 ? 0 : at;
	return chats[(from + step + chats.length) % chats.length]?.conversation;
}

/** The own chat with unread messages whose visitor has waited longest; `current` only if it is the only one. */
export function nextUnread(chats: readonly ChatSummary[], current: string | null): string | undefined {
	const unread = chats.filter((chat) => chat.mine && chat.status === "active" && chat.unread > 0);
	return (unread.find(({ conversation }) => conversation !== current) ?? unread[0])?.conversation;
}
