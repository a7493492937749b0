/**
 * Messages on their way. Pure.
 *
 * Each keeps its client id until it is acknowledged, so sending again never doubles it; a silence is *unknown*, never *failed*.
 * At most one is in flight per conversation, in the order written: the server would otherwise be free to store them the other
 * way round. A message for the conversation yet to be opened (`null`) conflicts with every other one of the same sender.
 */
import type { Ack, ClientFrame, Nack } from "./frames";

/** Silence after which the same message goes out again (ms). */
export const SEND_PATIENCE = 10_000;

export interface Outgoing {
	readonly clientId: string;
	/** `null` opens the visitor's chat or goes to the open one. */
	readonly conversation: string | null;
	readonly kind: "message" | "note";
	readonly text: string;
	/** When it was written (ms), for display only. */
	readonly at: number;
	readonly phase: "queued" | "sent" | "waiting" | "failed";
	/** Times it went out. */
	readonly attempts: number;
	/** When it goes out again (ms), in the phases `sent` and `waiting`. */
	readonly due: number;
	/** Why it failed for good, or was last put off. */
	readonly refusal: { readonly code: string; readonly message: string } | null;
}

export interface Outbox {
	readonly items: readonly Outgoing[];
	readonly connected: boolean;
	/** Visitors: what a closed conversation refuses goes to a new one. */
	readonly reopens: boolean;
}

export interface Sent {
	readonly outbox: Outbox;
	readonly frames: readonly ClientFrame[];
}

type Draft = Pick<Outgoing, "clientId" | "conversation" | "text" | "at"> & { kind?: Outgoing["kind"] };

export function emptyOutbox(reopens: boolean): Outbox {
	return { items: [], connected: false, reopens };
}

/** Queues a message; one whose client id is there already changes nothing. */
export function write(outbox: Outbox, draft: Draft, now: number): Sent {
	if (find(outbox, draft.clientId)) return { outbox, frames: [] };
	const item: Outgoing = { kind: "message", ...draft, phase: "queued", attempts: 0, due: 0, refusal: null };
	return pump({ ...outbox, items: [...outbox.items, item] }, now);
}

export function connect(outbox: Outbox, now: number): Sent {
	return pump({ ...requeue(outbox), connected: true }, now);
}

export function disconnect(outbox: Outbox): Outbox {
	return { ...requeue(outbox), connected: false };
}

/** The acknowledged message leaves; those behind it that had no conversation yet now have one. */
export function acknowledge(outbox: Outbox, ack: Ack, now: number): Sent {
	const acked = find(outbox, ack.client_id);
	if (!acked) return { outbox, frames: [] };
	const rest = outbox.items.filter((item) => item !== acked);
	const items =
		acked.conversation === null
			? rest.map((item) => (item.conversation === null ? { ...item, conversation: ack.conversation } : item))
			: rest;
	return pump({ ...outbox, items }, now);
}

/** The message was seen in the log (another tab sent it, or the acknowledgement was lost). */
export function settle(outbox: Outbox, clientId: string, now: number): Sent {
	const items = outbox.items.filter((item) => item.clientId !== clientId);
	return items.length === outbox.items.length ? { outbox, frames: [] } : pump({ ...outbox, items }, now);
}

export function refuse(outbox: Outbox, nack: Nack, now: number): Sent {
	const refused = find(outbox, nack.client_id);
	if (!refused || refused.phase === "failed") return { outbox, frames: [] };
	const refusal = { code: nack.code, message: nack.message };
	if (nack.retry_ms !== null)
		return pump(change(outbox, refused, { phase: "waiting", due: now + nack.retry_ms, refusal }), now);
	if (nack.code === "closed" && outbox.reopens && refused.conversation !== null)
		return pump(moveToNewChat(outbox, refused), now);
	return pump(change(outbox, refused, { phase: "failed", refusal }), now);
}

/** A person asks to send a failed message once more. */
export function retry(outbox: Outbox, clientId: string, now: number): Sent {
	const item = find(outbox, clientId);
	if (item?.phase !== "failed") return { outbox, frames: [] };
	return pump(change(outbox, item, { phase: "queued", refusal: null }), now);
}

export function tick(outbox: Outbox, now: number): Sent {
	return pump(outbox, now);
}

/** When `tick` has something to do (ms). */
export function outboxDue(outbox: Outbox): number {
	if (!outbox.connected) return Number.POSITIVE_INFINITY;
	const due = outbox.items.filter(isTimed).map((item) => item.due);
	return Math.min(Number.POSITIVE_INFINITY, ...due);
}

function find(outbox: Outbox, clientId: string): Outgoing | undefined {
	return outbox.items.find((item) => item.clientId === clientId);
}

function isTimed(item: Outgoing): boolean {
	return item.phase === "sent" || item.phase === "waiting";
}

function requeue(outbox: Outbox): Outbox {
	const items = outbox.items.map((item) => (isTimed(item) ? { ...item, phase: "queued" as const } : item));
	return { ...outbox, items };
}

function change(outbox: Outbox, target: Outgoing, fields: Partial<Outgoing>): Outbox {
	return { ...outbox, items: outbox.items.map((item) => (item === target ? { ...item, ...fields } : item)) };
}

/** All that waits for the closed conversation follows, so the order stays; only what was refused needs another client id. */
function moveToNewChat(outbox: Outbox, refused: Outgoing): Outbox {
	const items = outbox.items.map((item) => {
		if (item.conversation !== refused.conversation || item.phase === "failed") return item;
		const clientId = item === refused ? successor(item.clientId) : item.clientId;
		return { ...item, clientId, conversation: null, phase: "queued" as const };
	});
	return { ...outbox, items };
}

/** The next id is a function of the last, so that two tabs which resend one message agree on it and it stays one message. */
export function successor(clientId: string): string {
	const tail = (Number.parseInt(clientId.slice(-8), 16) + 1) >>> 0;
	return clientId.slice(0, -8) + tail.toString(16).padStart(8, "0");
}

function pump(outbox: Outbox, now: number): Sent {
	if (!outbox.connected) return { outbox, frames: [] };
	const frames: ClientFrame[] = [];
	const before: Outgoing[] = [];
	const items = outbox.items.map((item) => {
		const free = item.phase !== "failed" && !before.some((earlier) => conflict(earlier, item));
		if (item.phase !== "failed") before.push(item);
		if (!free || (isTimed(item) && now < item.due)) return item;
		frames.push(frameOf(item));
		return { ...item, phase: "sent" as const, attempts: item.attempts + 1, due: now + SEND_PATIENCE };
	});
	return frames.length ? { outbox: { ...outbox, items }, frames } : { outbox, frames };
}

function conflict(a: Outgoing, b: Outgoing): boolean {
	return a.conversation === b.conversation || a.conversation === null || b.conversation === null;
}

function frameOf(item: Outgoing): ClientFrame {
	const { clientId: client_id, conversation, text } = item;
	if (item.kind === "note" && conversation !== null) return { type: "note", client_id, conversation, text };
	return { type: "send", client_id, conversation, text };
}
