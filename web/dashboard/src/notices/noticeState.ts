/**
 * Decides when to notify the agent. Pure: `(state, input, now) -> (state, actions)`.
 * A waiting chat rings until an agent accepts it. An unread message in the agent's own chat notifies once.
 */

/** Interval of rings for waiting chats (ms): noticeable, but bearable for a minute. */
export const RING_EVERY = 7_000;

/** A reason to notify: a waiting chat, or an own chat with unread messages. */
export interface Call {
	readonly conversation: string;
	readonly name: string;
	readonly waits: boolean;
	/** Number of unread messages. The first value does not notify. */
	readonly unread: number;
}

export interface NoticeInput {
	readonly calls: readonly Call[];
	/** True while the agent is online and connected. */
	readonly available: boolean;
	/** True while this tab is visible and focused. */
	readonly focused: boolean;
}

export type Action =
	| { readonly kind: "ring" }
	| { readonly kind: "show"; readonly call: Call }
	| { readonly kind: "hide"; readonly conversation: string };

export interface Notices {
	/** The calls already notified, by conversation. */
	readonly notified: ReadonlyMap<string, Call>;
	/** Time of the last ring for waiting chats (ms); `null` while none waits. */
	readonly rang: number | null;
}

export const NO_NOTICES: Notices = { notified: new Map(), rang: null };

interface Stepped {
	readonly notices: Notices;
	readonly actions: readonly Action[];
}

export function step(before: Notices, input: NoticeInput, now: number): Stepped {
	const calls = input.available ? input.calls : input.calls.filter((call) => !call.waits);
	const fresh = calls.filter((call) => isNew(before.notified.get(call.conversation), call, input.focused));
	const notified = new Map(calls.map((call) => [call.conversation, call]));
	const ended = [...before.notified.values()].filter((call) => isOver(call, notified.get(call.conversation)));
	const waiting = calls.some((call) => call.waits);
	const again = waiting && before.rang !== null && now - before.rang >= RING_EVERY;
	const rings = fresh.length > 0 || again;
	return {
		notices: { notified, rang: waiting ? (rings ? now : (before.rang ?? now)) : null },
		actions: [
			...ended.map(({ conversation }) => ({ kind: "hide", conversation }) as const),
			...fresh.map((call) => ({ kind: "show", call }) as const),
			...(rings ? [{ kind: "ring" } as const] : []),
		],
	};
}

/** When the next step is due without new input (ms); `null`: never. */
export function noticesDue({ rang }: Notices): number | null {
	return rang === null ? null : rang + RING_EVERY;
}

function isNew(before: Call | undefined, call: Call, focused: boolean): boolean {
	if (call.waits) return !before?.waits;
	return !focused && call.unread > (before && !before.waits ? before.unread : 0);
}

function isOver(before: Call, after: Call | undefined): boolean {
	if (!after) return true;
	return before.waits ? !after.waits : before.unread > 0 && after.unread === 0;
}
