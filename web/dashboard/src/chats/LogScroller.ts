import { isComposing } from "@palique/ui/composition";
import { createRef } from "preact";
import type { ScrollPosition } from "../windows/ChatWindowsStore";
import { distanceToEnd, focusHit, isAtEnd, positionOf, scrollTo } from "./logView";
import { around, type LogWindow, logWindow, moved, nearest, STEP } from "./logWindow";
import type { PageLoader } from "./OtherPage";
import type { Item } from "./transcript";

// Pixels. Closer to an edge of what is rendered than this, the next items are rendered or loaded.
const NEAR_EDGE = 600;
const JUMPS: Readonly<Record<string, "start" | "end">> = { Home: "start", End: "end" };

/** What one rendering of the log is made from. */
interface LogRendering {
	readonly items: readonly Item[];
	/** `seq` of the first loaded entry; 0 without entries. */
	readonly first: number;
	/** Where the rendered part begins; `null` follows the end. */
	readonly begin: number | null;
	readonly setBegin: (begin: number | null) => void;
	readonly atEnd: boolean;
	readonly setAtEnd: (atEnd: boolean) => void;
	readonly position: ScrollPosition;
	/** Grows when another tab changed the position. */
	readonly remoteChanges: number;
	readonly earlier: PageLoader | null;
	readonly later: PageLoader | null;
	readonly hit: number | undefined;
	readonly onPosition: (position: ScrollPosition) => void;
	readonly onJump: ((to: "start" | "end") => void) | undefined;
}

/**
 * Scroll position of a log of which a bounded part is rendered. At the end it follows new messages; elsewhere it keeps what the
 * reader sees in its place, also when items above come and go.
 */
export class LogScroller {
	readonly view = createRef<HTMLDivElement>();
	#now!: LogRendering;
	#part: LogWindow = { first: 0, end: 0 };
	/** Where to scroll, while that is not loaded or not rendered. */
	#pending: ScrollPosition | null;
	#remoteChanges: number;
	/** True until the reader scrolls: a position that the code set is not shared with other tabs. */
	#programmatic = true;
	/** Of the last rendering: its first item, its first loaded entry, and the element in it that had the focus. */
	#top: string | undefined;
	#first = 0;
	#focus: Element | null = null;
	/** The place before the items above changed. */
	#before: ScrollPosition | null = null;
	/** What was added above is rendered at once. */
	#grown = false;

	constructor(position: ScrollPosition, remoteChanges: number) {
		this.#pending = position;
		this.#remoteChanges = remoteChanges;
	}

	/** Chooses the part to render. The DOM is still that of the rendering before. */
	render(now: LogRendering): LogWindow {
		const element = this.view.current;
		const added = now.first < this.#first && !this.#pending && !now.atEnd;
		const kept = logWindow(now.items, now.begin);
		// At the top there is nothing else to scroll to, and the position could not be kept.
		this.#grown = added && kept.first > 0 && (element?.scrollTop ?? 0) < NEAR_EDGE;
		const part = this.#grown ? logWindow(now.items, moved(now.items, kept, -STEP)) : kept;
		if (this.#remoteChanges !== now.remoteChanges) {
			this.#remoteChanges = now.remoteChanges;
			this.#pending = now.position;
			this.#programmatic = true;
		}
		this.#before = element && topOf(now, part) !== this.#top ? positionOf(element, 0.5) : null;
		if (element?.contains(document.activeElement)) this.#focus = document.activeElement;
		this.#now = now;
		this.#part = part;
		return part;
	}

	/** True when the newest entry is rendered. */
	get isWhole(): boolean {
		return this.#part.end === this.#now.items.length && this.#now.later === null;
	}

	/** Scrolls after a rendering, before the browser paints it. */
	rendered(): void {
		const element = this.view.current;
		if (!element) return;
		const { items, first, atEnd, setBegin } = this.#now;
		this.#top = topOf(this.#now, this.#part);
		this.#first = first;
		if (this.#grown) setBegin(moved(items, this.#part, 0));
		this.#keepFocus(element);
		if (this.#pending) this.#reach(element, this.#pending);
		else if (atEnd) element.scrollTop = element.scrollHeight;
		else this.#keepPlace(element);
	}

	#keepPlace(element: HTMLElement): void {
		if (this.#before?.at === "entry") scrollTo(element, this.#before);
		if (!this.#grown) this.#moveWindow(element);
	}

	readonly onScroll = (): void => {
		const element = this.view.current;
		if (!element || this.#pending) return;
		const { items, begin, setBegin, setAtEnd, earlier, later, onPosition } = this.#now;
		const end = this.isWhole && isAtEnd(element);
		setAtEnd(end);
		// Away from the end the window stays, whatever is added.
		if (end) setBegin(null);
		else if (begin === null) setBegin(moved(items, this.#part, 0));
		if (!end) this.#moveWindow(element);
		if (element.scrollTop < NEAR_EDGE && this.#part.first === 0) earlier?.load();
		if (distanceToEnd(element) < NEAR_EDGE && this.#part.end === items.length) later?.load();
		if (!this.#programmatic) onPosition(end ? { at: "end" } : positionOf(element));
	};

	/** The reader scrolls: no place is sought any longer. */
	readonly onInput = (): void => {
		this.#programmatic = false;
		this.#pending = null;
	};

	readonly onKeyDown = (event: KeyboardEvent): void => {
		if (isComposing(event)) return;
		this.onInput();
		const to = JUMPS[event.key];
		if (!to) return;
		event.preventDefault();
		this.jump(to);
	};

	/** Scrolls to the beginning or the end of the log, and loads it first. */
	jump(to: "start" | "end"): void {
		const { earlier, later, onJump, onPosition, setAtEnd } = this.#now;
		const wanted: ScrollPosition = to === "end" ? { at: "end" } : { at: "entry", seq: 0, offset: 0 };
		this.#pending = wanted;
		onPosition(wanted);
		if (to === "end" ? later : earlier) onJump?.(to);
		setAtEnd(false);
		if (this.view.current) this.#reach(this.view.current, wanted);
	}

	/** Scrolls to a place, in steps while it is not loaded or not rendered. */
	#reach(element: HTMLElement, wanted: ScrollPosition): void {
		if (wanted.at === "end") this.#reachEnd(element);
		else this.#reachEntry(element, wanted);
	}

	#reachEnd(element: HTMLElement): void {
		const { later, setBegin, setAtEnd } = this.#now;
		if (later) return;
		this.#pending = null;
		setBegin(null);
		setAtEnd(true);
		element.scrollTop = element.scrollHeight;
	}

	#reachEntry(element: HTMLElement, wanted: Extract<ScrollPosition, { at: "entry" }>): void {
		const { items, first, earlier, hit, setBegin, setAtEnd } = this.#now;
		if (earlier && wanted.seq < first) {
			// After a failure the reader decides.
			if (earlier.problem) this.#pending = null;
			else earlier.load();
			return;
		}
		const seq = nearest(items, wanted.seq);
		// Entry 0 is the beginning, with all that is above the first entry.
		const offset = wanted.seq === 0 ? -element.scrollHeight : wanted.offset;
		if (seq !== null && !scrollTo(element, { at: "entry", seq, offset })) {
			setBegin(around(items, seq));
			return;
		}
		this.#pending = null;
		setAtEnd(this.isWhole && isAtEnd(element));
		if (wanted.seq === hit) focusHit(element, wanted.seq);
	}

	/** Renders the next items when the reader comes near to an edge. */
	#moveWindow(element: HTMLElement): void {
		const { items, setBegin } = this.#now;
		if (element.clientHeight === 0) return;
		if (element.scrollTop < NEAR_EDGE && this.#part.first > 0) setBegin(moved(items, this.#part, -STEP));
		else if (distanceToEnd(element) < NEAR_EDGE && this.#part.end < items.length)
			setBegin(moved(items, this.#part, STEP));
	}

	/** The focus was on something that is no longer rendered. */
	#keepFocus(element: HTMLElement): void {
		const focus = this.#focus;
		this.#focus = null;
		if (focus && !focus.isConnected) element.focus({ preventScroll: true });
	}
}

function topOf({ items }: LogRendering, { first }: LogWindow): string | undefined {
	return items[first]?.key;
}
