/**
 * The conversations of this agent: assigned, followed and waiting ones.
 * Runs the protocol client's state machine (`stepChat`), sends its frames, and keeps unacknowledged messages over a reload.
 */
import {
	type Chat,
	type ChatInput,
	type ConversationState,
	type Cursor,
	chatDue,
	cursorsOf,
	emptyChat,
	readerKey,
	type ServerFrame,
	stepChat,
	type Thread,
	TYPING_EVERY,
	uptime,
} from "@palique/client";
import { batch, computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { BrowserStorage } from "../browserStorage";
import type { Clock } from "../clock";
import type { ConnectionStore } from "../live/ConnectionStore";
import { byNeed, type ChatSummary, chatSummary, unreadOf } from "./chatSummary";

// Longest timer; the next tick sets another one.
const MAX_TIMER_MS = 60_000;
// Default of the protocol, until the `welcome`.
const TEXT_LIMIT = 4_000;

declare module "../StoresContext" {
	interface Stores {
		conversations: ConversationsStore;
	}
}

export class ConversationsStore {
	readonly #connection: ConnectionStore;
	readonly #storage: BrowserStorage;
	readonly #clock: Clock;
	readonly #view: Window;
	readonly #state: Signal<Chat> = signal(emptyChat("agent"));
	readonly #offers = signal<readonly ConversationState[]>([]);
	/** Waiting chats beyond the offers: a queue frame has the oldest ones only. */
	readonly #unlisted = signal(0);
	readonly #followed = new Set<string>();
	readonly #ended = new Set<string>();
	readonly #typedAt = new Map<string, number>();
	#timer = 0;
	#outboxKey: string | null = null;

	/** All known chats, waiting ones first. */
	readonly chats: ReadonlySignal<ChatSummary[]> = computed(() => this.#summaries());
	/** Chats that wait for an agent. */
	readonly waiting = computed(() => this.chats.value.filter((chat) => chat.status === "waiting"));
	/** How many chats wait, also those beyond the list. */
	readonly waitingCount = computed(() => this.waiting.value.length + this.#unlisted.value);
	/** Running chats of this agent. */
	readonly mine = computed(() => this.chats.value.filter((chat) => chat.status === "active" && chat.mine));
	/** Maximum length of a message, in characters. */
	readonly textLimit = signal(TEXT_LIMIT);
	readonly unread = computed(() => this.mine.value.reduce((sum, chat) => sum + chat.unread, 0));

	constructor(connection: ConnectionStore, storage: BrowserStorage, clock: Clock, view: Window) {
		this.#clock = clock;
		this.#connection = connection;
		this.#storage = storage;
		this.#view = view;
	}

	get state(): ReadonlySignal<Chat> {
		return this.#state;
	}

	cursors(): Cursor[] {
		return cursorsOf(this.#state.peek());
	}

	thread(conversation: string): Thread | undefined {
		return this.#state.value.threads.get(conversation);
	}

	chat(conversation: string): ChatSummary | undefined {
		return this.chats.value.find((chat) => chat.conversation === conversation);
	}

	/** The visitor's chat that has not ended, when it is known here. */
	openWith(visitor: string): ChatSummary | undefined {
		return this.chats.value.find((chat) => chat.visitor.id === visitor && chat.status !== "closed");
	}

	/** True for a conversation that this tab saw end. The server's lists follow later. */
	hasEnded(conversation: string): boolean {
		return this.#ended.has(conversation);
	}

	/** Restores the messages that this tab had not sent before a reload. */
	resume(agent: string): void {
		this.#outboxKey = `outbox.${agent}`;
		const stored = this.#storage.read<Extract<ChatInput, { type: "write" }>[]>(this.#outboxKey);
		for (const item of Array.isArray(stored) ? stored : []) this.#step({ ...item, type: "write" });
	}

	receive(frame: ServerFrame): void {
		batch(() => {
			if (frame.type === "welcome") this.textLimit.value = frame.limits.text;
			if (frame.type === "queue") {
				this.#offers.value = frame.offers;
				this.#unlisted.value = frame.waiting - frame.offers.length;
			}
			if (frame.type === "conversation") this.#updateOffers(frame);
			if (frame.type === "entry" && frame.kind === "closed") this.#ended.add(frame.conversation);
			if (frame.type === "conversation" && frame.status === "closed") this.#ended.add(frame.conversation);
			this.#step({ type: "frame", frame });
			if (frame.type === "welcome") this.#followAgain();
		});
	}

	down(): void {
		this.#step({ type: "disconnected" });
	}

	write(conversation: string, text: string, kind: "message" | "note"): void {
		this.#step({ type: "write", clientId: this.#newId(), conversation, text, kind, at: this.#clock.exact() });
	}

	retry(clientId: string): void {
		this.#step({ type: "retry", clientId });
	}

	discard(clientId: string): void {
		this.#step({ type: "discard", clientId });
	}

	read(conversation: string, seq: number): void {
		this.#step({ type: "read", conversation, seq });
	}

	/** Fetches the previous page of the log, if there is one. */
	earlier(conversation: string): void {
		this.#step({ type: "earlier", conversation });
	}

	/** Call on each key press. Sends `typing` at most every TYPING_EVERY ms. */
	typing(conversation: string): void {
		const now = uptime();
		if (now - (this.#typedAt.get(conversation) ?? Number.NEGATIVE_INFINITY) < TYPING_EVERY) return;
		this.#typedAt.set(conversation, now);
		this.#connection.send({ type: "typing", conversation });
	}

	/** Subscribes to a conversation of any agent. Rejects with `Problem`. */
	async follow(conversation: string): Promise<void> {
		this.#followed.add(conversation);
		try {
			this.#openChat(await this.#connection.request({ type: "follow", conversation }));
		} catch (error) {
			if (this.#connection.phase.peek() === "live") this.#followed.delete(conversation);
			throw error;
		}
	}

	/** The window was closed: drops the conversation, unless it is a running chat of this agent. */
	forget(conversation: string): void {
		const followed = this.#followed.delete(conversation);
		if (followed) this.#connection.request({ type: "unfollow", conversation }).catch(() => {});
		if (!this.mine.peek().some((chat) => chat.conversation === conversation))
			this.#step({ type: "forget", conversation });
	}

	/** Starts a chat with a visitor, or joins the open one (S-30). Rejects with `Problem`. */
	async start(visitor: string): Promise<string> {
		const answer = await this.#connection.request({ type: "start_chat", visitor });
		if (answer.type !== "chat_started") return "";
		await this.follow(answer.conversation);
		return answer.conversation;
	}

	async accept(conversation: string): Promise<void> {
		this.#openChat(await this.#connection.request({ type: "accept", conversation }));
	}

	/** Puts a chat of this agent back into the queue. */
	async release(conversation: string): Promise<void> {
		this.#openChat(await this.#connection.request({ type: "release", conversation }));
	}

	/** Takes the chat of another agent. */
	async takeOver(conversation: string): Promise<void> {
		this.#openChat(await this.#connection.request({ type: "take_over", conversation }));
	}

	async close(conversation: string): Promise<void> {
		this.#openChat(await this.#connection.request({ type: "close", conversation }));
	}

	/** Signed out. The stored outbox stays for the same agent. */
	clear(): void {
		this.#outboxKey = null;
		this.#state.value = emptyChat("agent");
		this.#offers.value = [];
		this.#unlisted.value = 0;
		this.#followed.clear();
		this.#ended.clear();
	}

	#summaries(): ChatSummary[] {
		const { threads, me } = this.#state.value;
		const known = new Map<string, ChatSummary>();
		for (const offer of this.#offers.value)
			known.set(offer.conversation, chatSummary(offer, undefined, me, 0));
		for (const [id, thread] of threads) {
			const read = me ? (thread.reads.get(readerKey(me)) ?? 0) : 0;
			if (thread.state) known.set(id, chatSummary(thread.state, thread, me, unreadOf(thread, read)));
		}
		return [...known.values()].sort(byNeed);
	}

	/** Updates waiting chats, and opens a chat that was assigned to this agent. */
	#updateOffers(state: ConversationState): void {
		const others = this.#offers.peek().filter((offer) => offer.conversation !== state.conversation);
		this.#offers.value = state.status === "waiting" ? [...others, state] : others;
		const mine = state.assignee?.id === this.#state.peek().me?.id;
		if (mine && !this.#state.peek().threads.has(state.conversation)) this.#step({ type: "open", state });
	}

	#openChat(answer: object): void {
		const state = answer as Partial<ConversationState>;
		if (typeof state.conversation !== "string" || typeof state.head !== "number") return;
		if (state.status === "closed") this.#ended.add(state.conversation);
		batch(() => {
			this.#offers.value = this.#offers.peek().filter((offer) => offer.conversation !== state.conversation);
			this.#step({ type: "open", state: state as ConversationState });
		});
	}

	#followAgain(): void {
		for (const conversation of this.#followed) this.follow(conversation).catch(() => {});
	}

	#step(input: ChatInput): void {
		const before = this.#state.peek();
		const { chat, frames } = stepChat(before, input, uptime());
		this.#state.value = chat;
		for (const frame of frames) this.#connection.send(frame);
		if (chat.outbox.items !== before.outbox.items) this.#storeOutbox(chat);
		this.#schedule();
	}

	#storeOutbox({ outbox }: Chat): void {
		if (!this.#outboxKey) return;
		const items = outbox.items.map(({ clientId, conversation, text, kind, at }) => ({
			clientId,
			conversation,
			text,
			kind,
			at,
		}));
		this.#storage.write(this.#outboxKey, items);
	}

	#schedule(): void {
		this.#view.clearTimeout(this.#timer);
		const ms = chatDue(this.#state.peek()) - uptime();
		if (ms === Number.POSITIVE_INFINITY) return;
		const delay = Math.min(MAX_TIMER_MS, Math.max(0, ms));
		this.#timer = this.#view.setTimeout(() => this.#step({ type: "tick" }), delay);
	}

	#newId(): string {
		return this.#view.crypto.randomUUID();
	}
}
