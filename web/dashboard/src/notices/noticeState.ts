/**
 * Decides when to notify the agent. Pure: `(state, input, now) -> (state, actions)`.
 * A waiting chat rings until an agent accepts it. An unread message in the agent's own chat notifies once.
 */

/** Interval of rings for waiting chats (ms): noticeable, but bearable for a minute. */
export const RING_INTERVAL = 7_000;

/** A reason to notify: a waiting chat, or an own chat with unread messages. */
export interface NoticeReason {
	readonly conversation: string;
	readonly name: string;
	readonly waits: boolean;
	/** Number of unread messages; a higher number notifies again. */
	readonly unread: number;
}

export interface NoticeInput {
	readonly reasons: readonly NoticeReason[];
	/** True while the agent is online and connected. */
	readonly available: boolean;
	/** True while this tab is visible and focused. */
	readonly focused: boolean;
}

export type Action =
	| { readonly kind: "ring" }
	| { readonly kind: "show"; readonly reason: NoticeReason }
	| { readonly kind: "hide"; readonly conversation: string };

export interface Notices {
	/** The reasons already notified, by conversation. */
	readonly notified: ReadonlyMap<string, NoticeReason>;
	/** Time of the last ring for waiting chats (ms); `null` while none waits. */
	readonly rang: number | null;
}

export const NO_NOTICES: Notices = { notified: new Map(), rang: null };

interface NoticeStep {
	readonly notices: Notices;
	readonly actions: readonly Action[];
}

export function step(before: Notices, input: NoticeInput, now: number): NoticeStep {
	const reasons = input.available ? input.reasons : input.reasons.filter((reason) => !reason.waits);
	const fresh = reasons.filter((reason) =>
		isNew(before.notified.get(reason.conversation), reason, input.focused),
	);
	const notified = new Map(reasons.map((reason) => [reason.conversation, reason]));
	const ended = [...before.notified.values()].filter((reason) =>
		isOver(reason, notified.get(reason.conversation)),
	);
	const waiting = reasons.some((reason) => reason.waits);
	const again = waiting && before.rang !== null && now - before.rang >= RING_INTERVAL;
	const rings = fresh.length > 0 || again;
	return {
		notices: { notified, rang: waiting ? (rings ? now : (before.rang ?? now)) : null },
		actions: [
			...ended.map(({ conversation }) => ({ kind: "hide", conversation }) as const),
			...fresh.map((reason) => ({ kind: "show", reason }) as const),
			...(rings ? [{ kind: "ring" } as const] : []),
		],
	};
}

/** When the next step is due without new input (ms); `null`: never. */
export function noticesDue({ rang }: Notices): number | null {
	return rang === null ? null : rang + RING_INTERVAL;
}

function isNew(before: NoticeReason | undefined, reason: NoticeReason, focused: boolean): boolean {
	if (reason.waits) return !before?.waits;
	return !focused && reason.unread > (before && !before.waits ? before.unread : 0);
}

function isOver(before: NoticeReason, after: NoticeReason | undefined): boolean {
	if (!after) return true;
	return before.waits ? !after.waits : before.unread > 0 && after.unread === 0;
}
