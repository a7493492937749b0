/** The list of chats in its order, and the ways through it: next, previous, next unread, close. */
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { SessionStore } from "../session/SessionStore";
import type { ChatWindowsStore } from "../windows/ChatWindowsStore";
import { maximise, open, toggleList } from "../windows/windowLayout";
import type { ConversationsStore } from "./ConversationsStore";
import { type ChatGroup, groupChats, neighbour, nextUnread } from "./chatGroups";
import type { ChatSummary } from "./chatSummary";
import type { OtherChatsStore } from "./OtherChatsStore";

declare module "../StoresContext" {
	interface Stores {
		chatList: ChatListStore;
	}
}

export class ChatListStore {
	readonly #conversations: ConversationsStore;
	readonly #windows: ChatWindowsStore;
	readonly #session: SessionStore;
	readonly #hasTeams: () => boolean;
	readonly #asked = signal<string | null>(null);

	readonly groups: ReadonlySignal<ChatGroup[]>;
	/** The conversation that the agent looks at: the maximised one, else the open one that was used last. */
	readonly current = computed(() => this.#current());
	/** Own chats with unread messages. */
	readonly unreadChats = computed(
		() => this.#conversations.mine.value.filter(({ unread }) => unread > 0).length,
	);

	/** True until the filter of the list has the focus. */
	readonly filterWanted = signal(false);

	/** `hasTeams`: true while the site's setting `teams` is on. */
	constructor(
		conversations: ConversationsStore,
		otherChats: OtherChatsStore,
		windows: ChatWindowsStore,
		session: SessionStore,
		hasTeams: () => boolean,
	) {
		this.#conversations = conversations;
		this.#windows = windows;
		this.#session = session;
		this.#hasTeams = hasTeams;
		this.groups = computed(() => groupChats(conversations.chats.value, otherChats.chats.value));
	}

	/** The conversation whose end waits for a confirmation. */
	get asked(): ReadonlySignal<string | null> {
		return this.#asked;
	}

	/** Opens the list of chats with the focus in its filter. */
	showList(): void {
		if (this.#windows.screenLayout.peek().list === "closed") this.#windows.change(toggleList);
		this.filterWanted.value = true;
	}

	/** Maximises the chat that the agent looks at, else the first one of the list. Returns false if there is none. */
	maximise(): boolean {
		const [first] = this.groups.peek().flatMap(({ chats }) => chats);
		const conversation = this.current.peek() ?? first?.conversation;
		if (conversation !== undefined)
			this.#windows.show(conversation, (layout, id) => maximise(open(layout, id), id));
		return conversation !== undefined;
	}

	/** Opens the chat after `from` of those that have a window, in the order of the list. Returns false if there is none. */
	showNext(from = this.current.peek()): boolean {
		return this.#show(neighbour(this.#withWindow(), from, 1));
	}

	showPrevious(from = this.current.peek()): boolean {
		return this.#show(neighbour(this.#withWindow(), from, -1));
	}

	showNextUnread(from = this.current.peek()): boolean {
		return this.#show(nextUnread(this.#conversations.mine.peek(), from));
	}

	/** True for a running chat of this agent; administrators may close every chat. */
	mayClose({ status, mine }: ChatSummary): boolean {
		return status !== "closed" && (mine || this.#isAdministrator);
	}

	/** True for a running chat of this agent, where the site has `teams` on. */
	mayRelease({ status, mine }: ChatSummary): boolean {
		return status === "active" && mine && this.#hasTeams();
	}

	/** True for a running chat of another agent, for administrators, where the site has `teams` on. */
	mayTakeOver({ status, mine }: ChatSummary): boolean {
		return status === "active" && !mine && this.#isAdministrator && this.#hasTeams();
	}

	/** Asks for a confirmation before the chat ends (S-53). Returns false if this agent may not close it. */
	askToClose(conversation: string | null = this.current.peek()): boolean {
		const chat = conversation === null ? undefined : this.#conversations.chat(conversation);
		if (!chat || !this.mayClose(chat)) return false;
		this.#asked.value = chat.conversation;
		return true;
	}

	answered(): void {
		this.#asked.value = null;
	}

	get #isAdministrator(): boolean {
		const state = this.#session.state.value;
		return state.phase === "signedIn" && state.me.role === "administrator";
	}

	#current(): string | null {
		const { windows } = this.#windows.screenLayout.value;
		const open = new Set(
			windows.filter(({ view }) => view !== "minimised").map(({ conversation }) => conversation),
		);
		const maximised = windows.find(({ view }) => view === "maximised")?.conversation;
		return maximised ?? this.#windows.layout.recent.find((id) => open.has(id)) ?? null;
	}

	/** Every chat of the agent has a window, and so has each other chat that the agent opened. */
	#withWindow(): ChatSummary[] {
		const ids = new Set(this.#windows.layout.boxes.map(({ conversation }) => conversation));
		return this.groups
			.peek()
			.flatMap(({ chats }) => chats.filter(({ conversation }) => ids.has(conversation)));
	}

	#show(conversation: string | undefined): boolean {
		if (conversation !== undefined) this.#windows.show(conversation);
		return conversation !== undefined;
	}
}
