/**
 * Messages that the server has not acknowledged. Pure.
 *
 * A message keeps its client id until it is acknowledged, so that a repeated send stores it once. Without an answer the outcome
 * is *unknown*, never *failed*. At most one message of a conversation is in flight, in the order written: otherwise the server
 * could store them in another order. A message for a conversation that does not exist yet (`null`) blocks all others.
 */
import type { Ack, ClientFrame, Nack } from "./frames";

/** A message without an answer is sent again after this time (ms). */
const SEND_TIMEOUT = 10_000;

export interface Outgoing {
	readonly clientId: string;
	/** `null`: the visitor's open conversation, or a new one. */
	readonly conversation: string | null;
	readonly kind: "message" | "note";
	readonly text: string;
	/** Time of writing (ms), for display only. */
	readonly at: number;
	readonly phase: "queued" | "sent" | "waiting" | "failed";
	/** Number of sends. */
	readonly attempts: number;
	/** Time of the next send (ms), in the phases `sent` and `waiting`. */
	readonly due: number;
	/** Reason of the last refusal, final or not. */
	readonly refusal: { readonly code: string; readonly message: string } | null;
}

export interface Outbox {
	readonly items: readonly Outgoing[];
	readonly connected: boolean;
	/** True for visitors: a message that a closed conversation refuses goes to a new conversation. */
	readonly reopens: boolean;
}

export interface OutboxStep {
	readonly outbox: Outbox;
	readonly frames: readonly ClientFrame[];
}

type Draft = Pick<Outgoing, "clientId" | "conversation" | "text" | "at"> & { kind?: Outgoing["kind"] };

export function emptyOutbox(reopens: boolean): Outbox {
	return { items: [], connected: false, reopens };
}

/** Queues a message. A known client id changes nothing. */
export function write(outbox: Outbox, draft: Draft, now: number): OutboxStep {
	if (find(outbox, draft.clientId)) return { outbox, frames: [] };
	const item: Outgoing = { kind: "message", ...draft, phase: "queued", attempts: 0, due: 0, refusal: null };
	return sendReady({ ...outbox, items: [...outbox.items, item] }, now);
}

export function connect(outbox: Outbox, now: number): OutboxStep {
	return sendReady({ ...requeue(outbox), connected: true }, now);
}

export function disconnect(outbox: Outbox): Outbox {
	return { ...requeue(outbox), connected: false };
}

/** Removes the acknowledged message. Messages behind it without a conversation get the one that it opened. */
export function acknowledge(outbox: Outbox, ack: Ack, now: number): OutboxStep {
	const applyAck = find(outbox, ack.client_id);
	if (!applyAck) return { outbox, frames: [] };
	const rest = outbox.items.filter((item) => item !== applyAck);
	const items =
		applyAck.conversation === null
			? rest.map((item) => (item.conversation === null ? { ...item, conversation: ack.conversation } : item))
			: rest;
	return sendReady({ ...outbox, items }, now);
}

/** Removes a message that the log has (another tab sent it, or the acknowledgement was lost), or that the person discards. */
export function remove(outbox: Outbox, clientId: string, now: number): OutboxStep {
	const items = outbox.items.filter((item) => item.clientId !== clientId);
	return items.length === outbox.items.length ? { outbox, frames: [] } : sendReady({ ...outbox, items }, now);
}

export function refuse(outbox: Outbox, nack: Nack, now: number): OutboxStep {
	const refused = find(outbox, nack.client_id);
	if (!refused || refused.phase === "failed") return { outbox, frames: [] };
	const refusal = { code: nack.code, message: nack.message };
	if (nack.retry_ms !== null)
		return sendReady(change(outbox, refused, { phase: "waiting", due: now + nack.retry_ms, refusal }), now);
	if (nack.code === "closed" && outbox.reopens && refused.conversation !== null)
		return sendReady(moveToNewChat(outbox, refused), now);
	return sendReady(change(outbox, refused, { phase: "failed", refusal }), now);
}

/** Sends a failed message again. */
export function retry(outbox: Outbox, clientId: string, now: number): OutboxStep {
	const item = find(outbox, clientId);
	if (item?.phase !== "failed") return { outbox, frames: [] };
	return sendReady(change(outbox, item, { phase: "queued", refusal: null }), now);
}

export function tick(outbox: Outbox, now: number): OutboxStep {
	return sendReady(outbox, now);
}

/** When the next `tick` is due (ms). */
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

/** Moves all messages of the closed conversation to a new one, in order. Only the refused message needs another client id. */
function moveToNewChat(outbox: Outbox, refused: Outgoing): Outbox {
	const items = outbox.items.map((item) => {
		if (item.conversation !== refused.conversation || item.phase === "failed") return item;
		const clientId = item === refused ? successor(item.clientId) : item.clientId;
		return { ...item, clientId, conversation: null, phase: "queued" as const };
	});
	return { ...outbox, items };
}

/** Derives the next client id from the last, so that two tabs that resend one message use the same id. */
export function successor(clientId: string): string {
	const tail = (Number.parseInt(clientId.slice(-8), 16) + 1) >>> 0;
	return clientId.slice(0, -8) + tail.toString(16).padStart(8, "0");
}

/** Sends every message that is due and not blocked by an earlier one. */
function sendReady(outbox: Outbox, now: number): OutboxStep {
	if (!outbox.connected) return { outbox, frames: [] };
	const frames: ClientFrame[] = [];
	const earlier: Outgoing[] = [];
	const items = outbox.items.map((item) => {
		const free = item.phase !== "failed" && !earlier.some((other) => blocks(other, item));
		if (item.phase !== "failed") earlier.push(item);
		if (!free || (isTimed(item) && now < item.due)) return item;
		frames.push(frameOf(item));
		return { ...item, phase: "sent" as const, attempts: item.attempts + 1, due: now + SEND_TIMEOUT };
	});
	return frames.length ? { outbox: { ...outbox, items }, frames } : { outbox, frames };
}

function blocks(a: Outgoing, b: Outgoing): boolean {
	return a.conversation === b.conversation || a.conversation === null || b.conversation === null;
}

function frameOf(item: Outgoing): ClientFrame {
	const { clientId: client_id, conversation, text } = item;
	if (item.kind === "note" && conversation !== null) return { type: "note", client_id, conversation, text };
	return { type: "send", client_id, conversation, text };
}
