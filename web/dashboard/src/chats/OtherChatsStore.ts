/**
 * Running chats of other agents: read from the server while they are shown, and kept up to date by `conversation` frames.
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
		colleagues: ColleaguesStore;
	}
}

type Known = Pick<ConversationsStore, "chats" | "state" | "hasEnded">;

export class ColleaguesStore {
	readonly #api: Api;
	readonly #conversations: Known;
	readonly #view: Window;
	readonly #chats = signal<ReadonlyMap<string, ChatSummary>>(new Map());
	/** Conversations with a frame since the current reading began: the frame is newer than the answer. */
	readonly #changed = new Set<string>();
	#reading: AbortController | null = null;

	readonly chats: ReadonlySignal<ChatSummary[]> = computed(() => this.#running());

	constructor(api: Api, conversations: Known, view: Window) {
		this.#api = api;
		this.#conversations = conversations;
		this.#view = view;
	}

	receive(frame: ServerFrame): void {
		if (frame.type === "welcome" && this.#reading) void this.#read(this.#reading.signal);
		if (frame.type !== "conversation") return;
		this.#changed.add(frame.conversation);
		const chats = new Map(this.#chats.peek());
		chats.delete(frame.conversation);
		if (frame.status === "active") chats.set(frame.conversation, chatSummary(frame, undefined, null, 0));
		this.#chats.value = chats;
	}

	/** Reads the chats, now and again, until the returned function is called. */
	watch(): () => void {
		this.#reading?.abort();
		const reading = new AbortController();
		this.#reading = reading;
		const read = () => void this.#read(reading.signal);
		read();
		const timer = this.#view.setInterval(read, RELOAD_MS);
		return () => {
			this.#view.clearInterval(timer);
			reading.abort();
			if (this.#reading === reading) this.#reading = null;
		};
	}

	clear(): void {
		this.#chats.value = new Map();
		this.#changed.clear();
	}

	/** A refused request leaves the list as it is: the next one follows. */
	async #read(signal: AbortSignal): Promise<void> {
		this.#changed.clear();
		const items: ListedChat[] = [];
		let cursor: string | null = null;
		try {
			for (let page = 0; page < MAX_PAGES; page += 1) {
				const answer = await this.#api.chats({ status: "active" }, cursor, signal);
				items.push(...answer.items);
				cursor = answer.next;
				if (cursor === null) break;
			}
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

	/** A list lags behind the log: it does not bring back a chat that was seen to end, or one that is this agent's. */
	#running(): ChatSummary[] {
		const known = new Map(this.#conversations.chats.value.map((chat) => [chat.conversation, chat]));
		const me = this.#conversations.state.value.me?.id;
		return [...this.#chats.value.values()].filter(
			({ conversation, assignee }) =>
				!known.has(conversation) && assignee?.id !== me && !this.#conversations.hasEnded(conversation),
		);
	}
}

function summaryOf(item: ListedChat): ChatSummary {
	const { conversation, status, visitor, agents, started_by, started_at, last_line } = item;
	return {
		conversation,
		status,
		visitor,
		assignee: agents.at(-1) ?? null,
		mine: false,
		startedBy: started_by,
		startedAt: started_at,
		unread: 0,
		lastText: last_line === null ? null : stripBidiControls(last_line),
		lastAt: started_at,
		waitingSince: item.unanswered_since,
		typing: false,
	};
}
