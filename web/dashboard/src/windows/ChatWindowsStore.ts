/** The chat windows of this agent on this machine: states, drafts and places in the log survive a reload and follow into other tabs. */
import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { BrowserStorage } from "../browserStorage";
import { isNarrow } from "../parts/useNarrow";
import { NO_WINDOWS, uncover, type WindowLayout } from "./windowLayout";

export interface Draft {
	text: string;
	kind: "message" | "note";
}

/** Where the reader stands: at the newest, or `offset` pixels below the top of an entry; entry 0 is the beginning. */
export type Place = { at: "end" } | { at: "entry"; seq: number; offset: number };

interface Kept {
	boxes: WindowLayout;
	drafts: Readonly<Record<string, Draft>>;
	places: Readonly<Record<string, Place>>;
}

const NOTHING: Kept = { boxes: NO_WINDOWS, drafts: {}, places: {} };
const NO_DRAFT: Draft = { text: "", kind: "message" };
// Typing must not wait for the disk; half a second is what a crash may cost.
const SAVE_AFTER_MS = 400;

export class ChatWindowsStore {
	readonly #keep: BrowserStorage;
	readonly #view: Window;
	readonly #kept: Signal<Kept> = signal(NOTHING);
	readonly #told = signal(0);
	readonly #focus = signal<{ conversation: string; turn: number } | null>(null);
	#name: string | null = null;
	#stop = () => {};
	#timer = 0;

	constructor(keep: BrowserStorage, view: Window) {
		this.#keep = keep;
		this.#view = view;
		view.addEventListener("pagehide", () => this.#save());
	}

	get kept(): ReadonlySignal<Kept> {
		return this.#kept;
	}

	/** Grows when another tab changed what is kept. */
	get told(): ReadonlySignal<number> {
		return this.#told;
	}

	/** Which box asked for the focus last. */
	get focus(): ReadonlySignal<{ conversation: string; turn: number } | null> {
		return this.#focus;
	}

	get boxes(): WindowLayout {
		return this.#kept.value.boxes;
	}

	/** The agent is known: what they left is there again, except that a page they came to is not covered. */
	load(agent: string): void {
		this.#name = `boxes.${agent}`;
		this.#take(this.#keep.read<Kept>(this.#name));
		if (!isReload(this.#view)) this.change((state) => uncover(state, isNarrow()));
		this.#stop = this.#keep.watch<Kept>(this.#name, (kept) => {
			this.#take(kept);
			this.#told.value += 1;
		});
	}

	unload(): void {
		this.#save();
		this.#stop();
		this.#name = null;
		this.#kept.value = NOTHING;
		this.#focus.value = null;
	}

	change(act: (boxes: WindowLayout) => WindowLayout): void {
		const kept = this.#kept.peek();
		const boxes = act(kept.boxes);
		if (boxes !== kept.boxes) this.#set({ ...kept, boxes });
	}

	/** The text area of this conversation takes the focus, now or when it is there. */
	callFor(conversation: string): void {
		this.#focus.value = { conversation, turn: (this.#focus.peek()?.turn ?? 0) + 1 };
	}

	draft(conversation: string): Draft {
		return this.#kept.value.drafts[conversation] ?? NO_DRAFT;
	}

	setDraft(conversation: string, draft: Draft): void {
		const { [conversation]: _before, ...others } = this.#kept.peek().drafts;
		const empty = draft.text === "" && draft.kind === "message";
		this.#set({ ...this.#kept.peek(), drafts: empty ? others : { ...others, [conversation]: draft } });
	}

	place(conversation: string): Place {
		return this.#kept.peek().places[conversation] ?? { at: "end" };
	}

	/** The same place again is not told: two tabs that follow each other come to rest. */
	setPlace(conversation: string, place: Place): void {
		if (isSame(place, this.place(conversation))) return;
		const { [conversation]: _before, ...others } = this.#kept.peek().places;
		this.#set({
			...this.#kept.peek(),
			places: place.at === "end" ? others : { ...others, [conversation]: place },
		});
	}

	#set(kept: Kept): void {
		this.#kept.value = kept;
		this.#view.clearTimeout(this.#timer);
		this.#timer = this.#view.setTimeout(() => this.#save(), SAVE_AFTER_MS);
	}

	#save(): void {
		this.#view.clearTimeout(this.#timer);
		if (this.#name) this.#keep.write(this.#name, this.#kept.peek());
	}

	#take(kept: Kept | null): void {
		const whole = kept?.boxes?.boxes && kept.boxes.recent && kept.drafts && kept.places;
		this.#kept.value = whole ? kept : NOTHING;
	}
}

// Two windows round to different pixels.
const ROUNDING = 4;

function isSame(one: Place, other: Place): boolean {
	if (one.at === "end" || other.at === "end") return one.at === other.at;
	return one.seq === other.seq && Math.abs(one.offset - other.offset) <= ROUNDING;
}

function isReload(view: Window): boolean {
	const [came] = view.performance.getEntriesByType("navigation");
	return came instanceof PerformanceNavigationTiming && came.type === "reload";
}
