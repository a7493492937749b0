/**
 * Chats that this agent neither has nor follows: running ones of other agents, and waiting ones that a long queue leaves out of
 * its frame. They are read from the server while they are shown, and kept up to date by `conversation` frames.
 * Messages of these chats send no frame: last line and wait are up to a minute old.
 */
import type { ServerFrame } from "@palique/client";
import { stripBidiControls } from "@palique/ui/bidi";
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Api } from "../api/api";
import type { ListedChat } from "../api/shapes";
import type { ConversationsStore } from "./ConversationsStore";
import { type ChatSummary, chatSummary } from "./chatSummary";

// A lost frame is repaired after this time at the latest.
const RELOAD_MS = 60_000;
// More chats than a person reads; the filter of the logs finds any.
const MAX_PAGES = 6;

declare module "../StoresContext" {
	interface Stores {
		otherChats: OtherChatsStore;
	}
}

type Known = Pick<ConversationsStore, "chats" | "state" | "hasEnded">;

export class OtherChatsStore {
	readonly #api: Api;
	readonly #conversations: Known;
	readonly #view: Window;
	readonly #chats = signal<ReadonlyMap<string, ChatSummary>>(new Map());
	/** Conversations with a frame since the current reading began: the frame is newer than the answer. */
	readonly #changed = new Set<string>();
	/** More chats wait than a `queue` frame has. Otherwise all waiting chats are known from it. */
	readonly #longQueue = signal(false);
	/** Views that show only the waiting chats, and views that show all. */
	readonly #watchers = { waiting: 0, all: 0 };
	#timer = 0;
	#reading = new AbortController();

	readonly chats: ReadonlySignal<ChatSummary[]> = computed(() => this.#others());

	constructor(api: Api, conversations: Known, view: Window) {
		this.#api = api;
		this.#conversations = conversations;
		this.#view = view;
	}

	receive(frame: ServerFrame): void {
		if (frame.type === "welcome") this.#readAgain();
		if (frame.type === "queue") this.#queueChanged(frame.waiting > frame.offers.length);
		if (frame.type !== "conversation") return;
		this.#changed.add(frame.conversation);
		const chats = new Map(this.#chats.peek());
		chats.delete(frame.conversation);
		if (frame.status !== "closed") chats.set(frame.conversation, chatSummary(frame, undefined, null, 0));
		this.#chats.value = chats;
	}

	/** Reads the chats, now and again, until the returned function is called. */
	watch(shown: "waiting" | "all"): () => void {
		const needed = shown === "all" ? this.#watchers.all === 0 : !this.#isWatched();
		this.#watchers[shown] += 1;
		if (needed) this.#start();
		return () => {
			this.#watchers[shown] -= 1;
			if (!this.#isWatched()) this.#stop();
		};
	}

	clear(): void {
		this.#longQueue.value = false;
		this.#chats.value = new Map();
		this.#changed.clear();
	}

	/** The visitor's waiting chat, when a `queue` frame left it out. */
	waitingOf(visitor: string): ChatSummary | undefined {
		return this.chats.value.find((chat) => chat.status === "waiting" && chat.visitor.id === visitor);
	}

	#isWatched(): boolean {
		return this.#watchers.waiting + this.#watchers.all > 0;
	}

	#start(): void {
		this.#view.clearInterval(this.#timer);
		this.#timer = this.#view.setInterval(() => this.#readAgain(), RELOAD_MS);
		this.#readAgain();
	}

	#stop(): void {
		this.#view.clearInterval(this.#timer);
		this.#reading.abort();
	}

	#queueChanged(long: boolean): void {
		const became = long && !this.#longQueue.peek();
		this.#longQueue.value = long;
		if (became) this.#readAgain();
	}

	#readAgain(): void {
		if (!this.#isWatched()) return;
		this.#reading.abort();
		this.#reading = new AbortController();
		void this.#read(this.#reading.signal);
	}

	/** A refused request leaves the list as it is: the next one follows. */
	async #read(signal: AbortSignal): Promise<void> {
		this.#changed.clear();
		const items: ListedChat[] = [];
		try {
			if (this.#watchers.all > 0) items.push(...(await this.#pages("active", signal)));
			if (this.#longQueue.peek()) items.push(...(await this.#pages("waiting", signal)));
		} catch {
			return;
		}
		if (signal.aborted) return;
		const newer = [...this.#chats.peek()].filter(([id]) => this.#changed.has(id));
		const read = items.filter(({ conversation }) => !this.#changed.has(conversation));
		this.#chats.value = new Map([
			...read.map((item) => [item.conversation, summaryOf(item)] as const),
			...newer,
		]);
	}

	async #pages(status: ChatSummary["status"], signal: AbortSignal): Promise<ListedChat[]> {
		const items: ListedChat[] = [];
		let cursor: string | null = null;
		for (let page = 0; page < MAX_PAGES; page += 1) {
			const answer = await this.#api.chats({ status }, cursor, signal);
			items.push(...answer.items);
			cursor = answer.next;
			if (cursor === null) break;
		}
		return items;
	}

	/** A list lags behind the log: it does not bring back a chat that was seen to end, or one that is this agent's. */
	#others(): ChatSummary[] {
		const known = new Map(this.#conversations.chats.value.map((chat) => [chat.conversation, chat]));
		const me = this.#conversations.state.value.me?.id;
		return [...this.#chats.value.values()].filter(
			({ conversation, status, assignee }) =>
				!known.has(conversation) &&
				(status === "active" || this.#longQueue.value) &&
				assignee?.id !== me &&
				!this.#conversations.hasEnded(conversation),
		);
	}
}

function summaryOf(item: ListedChat): ChatSummary {
	const { conversation, status, visitor, agents, started_by, started_at, last_at } = item;
	const line = item.preview ?? item.last_line;
	return {
		conversation,
		status,
		visitor,
		assignee: agents.at(-1) ?? null,
		mine: false,
		startedBy: started_by,
		startedAt: started_at,
		unread: 0,
		lastText: line === null ? null : stripBidiControls(line),
		lastAt: last_at,
		waitingSince: status === "waiting" ? started_at : item.unanswered_since,
		typing: false,
	};
}
