/**
 * The chat windows of this agent in this browser: layout, drafts and scroll positions.
 * They survive a reload and are shared between tabs.
 */
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { BrowserStorage } from "../browserStorage";
import { isNarrow, screenLayout, uncoverPage, yieldList } from "./screenLayout";
import { followScreen, type MeasuredScreen, measureScreen } from "./screenSize";
import { fit, NO_WINDOWS, open, type WindowLayout } from "./windowLayout";

export interface Draft {
	text: string;
	kind: "message" | "note";
}

/** Scroll position in a log: at the end, or `offset` pixels below the top of an entry. Entry 0 is the beginning. */
export type ScrollPosition = { at: "end" } | { at: "entry"; seq: number; offset: number };

/** Stored in browsers as it is: the names of the fields stay. */
interface Stored {
	boxes: WindowLayout;
	drafts: Readonly<Record<string, Draft>>;
	places: Readonly<Record<string, ScrollPosition>>;
}

const EMPTY: Stored = { boxes: NO_WINDOWS, drafts: {}, places: {} };
const EMPTY_DRAFT: Draft = { text: "", kind: "message" };
// Storage is synchronous, so it is not written at each key press. A crash loses at most this much typing.
const SAVE_AFTER_MS = 400;
// Pixels. Browser windows of different sizes round differently.
const ROUNDING = 4;

declare module "../StoresContext" {
	interface Stores {
		windows: ChatWindowsStore;
	}
}

export class ChatWindowsStore {
	readonly #storage: BrowserStorage;
	readonly #view: Window;
	readonly #stored: Signal<Stored> = signal(EMPTY);
	readonly #screen: Signal<MeasuredScreen>;
	readonly #remoteChanges = signal(0);
	readonly #focus = signal<string | null>(null);
	/** What changed here and is not stored yet: drafts, by conversation, and the layout. Another tab does not replace it. */
	readonly #unsavedDrafts = new Set<string>();
	#unsavedLayout = false;
	#key: string | null = null;
	#stop = () => {};
	#timer = 0;
	/** Where everything stands in this browser window. */
	readonly screenLayout = computed(() => screenLayout(this.layout, this.#screen.value));
	readonly narrow = computed(() => isNarrow(this.#screen.value));

	constructor(storage: BrowserStorage, view: Window) {
		this.#storage = storage;
		this.#view = view;
		this.#screen = signal(measureScreen(view));
		view.addEventListener("pagehide", () => this.#save());
		followScreen(view, () => {
			this.#screen.value = measureScreen(view);
			this.#fit();
		});
	}

	get screen(): ReadonlySignal<MeasuredScreen> {
		return this.#screen;
	}

	/** Grows when another tab changed the stored state. */
	get remoteChanges(): ReadonlySignal<number> {
		return this.#remoteChanges;
	}

	/** The conversation in which the focus should be next. */
	get focus(): ReadonlySignal<string | null> {
		return this.#focus;
	}

	get layout(): WindowLayout {
		return this.#stored.value.boxes;
	}

	/** Restores the agent's windows. Except after a reload, minimises those that would cover the page. */
	load(agentId: string): void {
		this.#key = keyOf(agentId);
		this.#restore(this.#storage.read<Stored>(this.#key));
		if (!isReload(this.#view)) this.uncoverPage();
		this.#fit();
		this.#stop = this.#storage.watch<Stored>(this.#key, (stored) => {
			this.#restore(this.#withUnsaved(stored));
			this.#remoteChanges.value += 1;
		});
	}

	unload(): void {
		this.#save();
		this.#stop();
		this.#key = null;
		this.#stored.value = EMPTY;
		this.#focus.value = null;
	}

	/** Removes the agent's texts from the browser. Call it after `unload`. */
	forget(agentId: string): void {
		const key = keyOf(agentId);
		const stored = this.#storage.read<Stored>(key);
		if (stored) this.#storage.write(key, { ...stored, drafts: {}, places: {} });
	}

	/** An action of the agent: all tabs follow. */
	change(update: (layout: WindowLayout) => WindowLayout): void {
		if (!this.adapt(update)) return;
		this.#unsavedLayout = true;
		this.#set(this.#stored.peek());
	}

	/** What each tab does by itself, and so does not store. Returns true if it changed something. */
	adapt(update: (layout: WindowLayout) => WindowLayout): boolean {
		const stored = this.#stored.peek();
		const changed = update(stored.boxes);
		if (changed === stored.boxes) return false;
		const { capacity } = screenLayout(changed, this.#screen.peek());
		this.#stored.value = { ...stored, boxes: fit(changed, capacity) };
		return true;
	}

	/** Shows the conversation ready to write (S-47): `update` opens its window. */
	show(
		conversation: string,
		update: (layout: WindowLayout, conversation: string) => WindowLayout = open,
	): void {
		this.change((layout) => yieldList(update(layout, conversation), this.#screen.peek()));
		this.requestFocus(conversation);
	}

	/** Minimises and closes what stands in the page's place. */
	uncoverPage(): void {
		this.change((layout) => uncoverPage(layout, this.#screen.peek()));
	}

	/** Moves the focus to the conversation's text area, or to the button in its place, now or when it is rendered. */
	requestFocus(conversation: string): void {
		this.#focus.value = conversation;
	}

	/** The focus is there. */
	focusMoved(): void {
		this.#focus.value = null;
	}

	draft(conversation: string): Draft {
		return this.#stored.value.drafts[conversation] ?? EMPTY_DRAFT;
	}

	setDraft(conversation: string, draft: Draft): void {
		const { [conversation]: _before, ...others } = this.#stored.peek().drafts;
		const empty = draft.text === "" && draft.kind === "message";
		this.#unsavedDrafts.add(conversation);
		this.#set({ ...this.#stored.peek(), drafts: empty ? others : { ...others, [conversation]: draft } });
	}

	/** The window of an ended chat closes: its draft waits for the visitor's next chat. */
	keepDraft(conversation: string, visitor: string): void {
		this.#moveDraft(conversation, keptFor(visitor));
	}

	/** Moves what was not sent to the visitor before, in `ended` conversations or closed windows, into a new conversation. */
	takeDraft(visitor: string, ended: readonly string[], conversation: string): void {
		for (const from of [...ended, keptFor(visitor)]) this.#moveDraft(from, conversation);
	}

	/** Does not replace a draft that is there. */
	#moveDraft(from: string, to: string): void {
		const draft = this.#stored.peek().drafts[from];
		if (from === to || !draft?.text || this.#stored.peek().drafts[to]?.text) return;
		this.setDraft(to, draft);
		this.setDraft(from, EMPTY_DRAFT);
	}

	scrollPosition(conversation: string): ScrollPosition {
		return this.#stored.peek().places[conversation] ?? { at: "end" };
	}

	/** Ignores a position equal to the stored one, so that two tabs that follow each other come to rest. */
	setScrollPosition(conversation: string, position: ScrollPosition): void {
		if (isSame(position, this.scrollPosition(conversation))) return;
		const { [conversation]: _before, ...others } = this.#stored.peek().places;
		this.#set({
			...this.#stored.peek(),
			places: position.at === "end" ? others : { ...others, [conversation]: position },
		});
	}

	/** Minimises windows for which there is no longer room. */
	#fit(): void {
		this.adapt((layout) => fit(layout, this.screenLayout.peek().capacity));
	}

	#set(stored: Stored): void {
		this.#stored.value = stored;
		this.#view.clearTimeout(this.#timer);
		this.#timer = this.#view.setTimeout(() => this.#save(), SAVE_AFTER_MS);
	}

	#save(): void {
		this.#view.clearTimeout(this.#timer);
		this.#unsavedDrafts.clear();
		this.#unsavedLayout = false;
		if (this.#key) this.#storage.write(this.#key, this.#stored.peek());
	}

	#withUnsaved(stored: Stored): Stored {
		const drafts = { ...stored.drafts };
		for (const conversation of this.#unsavedDrafts) {
			const draft = this.#stored.peek().drafts[conversation];
			if (draft) drafts[conversation] = draft;
			else delete drafts[conversation];
		}
		return { ...stored, drafts, boxes: this.#unsavedLayout ? this.layout : stored.boxes };
	}

	#restore(stored: Stored | null): void {
		const complete = stored?.boxes?.boxes && stored.boxes.recent && stored.drafts && stored.places;
		this.#stored.value = complete ? stored : EMPTY;
	}
}

function keyOf(agentId: string): string {
	return `boxes.${agentId}`;
}

function keptFor(visitor: string): string {
	return `visitor:${visitor}`;
}

function isSame(one: ScrollPosition, other: ScrollPosition): boolean {
	if (one.at === "end" || other.at === "end") return one.at === other.at;
	return one.seq === other.seq && Math.abs(one.offset - other.offset) <= ROUNDING;
}

function isReload(view: Window): boolean {
	const [navigation] = view.performance.getEntriesByType("navigation");
	return navigation instanceof PerformanceNavigationTiming && navigation.type === "reload";
}
