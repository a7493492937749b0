import "./MessageLog.css";
import type { Outgoing } from "@palique/client";
import { isComposing } from "@palique/ui/composition";
import { Icon } from "@palique/ui/Icon";
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { useText } from "../texts/useText";
import type { ScrollPosition } from "../windows/ChatWindowsStore";
import { around, logWindow, moved, nearest, STEP } from "./logWindow";
import { LogItem, OutgoingItem } from "./Message";
import { OtherPage, type PageLoader } from "./OtherPage";
import { type LogEntry, transcript } from "./transcript";
import { nextLine, openLine } from "./unreadLine";

interface Props {
	label: string;
	entries: readonly LogEntry[];
	outgoing: readonly Outgoing[];
	/** The reader's read mark; `null` draws no line for unread messages. */
	read: number | null;
	readTo: number | null;
	position: ScrollPosition;
	/** Grows when another tab changed the position. */
	remoteChanges: number;
	/** The pages before and after the entries; `null` once the beginning or the end is loaded. */
	earlier: PageLoader | null;
	later?: PageLoader | null;
	/** Loads the beginning or the end of the log, when it lies beyond the pages before and after. */
	onJump?: (to: "start" | "end") => void;
	/** `seq` of the entry that a search found. */
	hit?: number | undefined;
	/** Announces new messages to screen readers. */
	live: boolean;
	onPosition: (position: ScrollPosition) => void;
	/** All entries up to this `seq` were visible. */
	onSeen: (seq: number) => void;
	/** Drawn below the last message: the typing indicator. */
	children?: ComponentChildren;
}

// Pixels. Closer to the end than this, the log follows new messages.
const NEAR = 48;
// Pixels. Closer to an edge of what is rendered than this, the next items are rendered or loaded.
const NEAR_EDGE = 600;

/**
 * Scrolling log of messages, of which a bounded part is rendered. At the end it follows new messages; elsewhere it keeps the
 * scroll position, also when items above come and go.
 */
export function MessageLog(props: Props) {
	const {
		entries,
		outgoing,
		read,
		position,
		remoteChanges,
		earlier,
		later = null,
		onPosition,
		onSeen,
	} = props;
	const t = useText();
	const view = useRef<HTMLDivElement>(null);
	const pending = useRef<ScrollPosition | null>(position);
	const seenChanges = useRef(remoteChanges);
	// True until the reader scrolls: a position that the code set is not shared with other tabs.
	const programmatic = useRef(true);
	const rendered = useRef<{ top: string | undefined; first: number; focus: Element | null }>({
		top: undefined,
		first: 0,
		focus: null,
	});
	const [atEnd, setAtEnd] = useState(position.at === "end" && later === null);
	const [begin, setBegin] = useState<number | null>(null);
	const focused = useAttention();
	const line = useRef(openLine(read ?? 0));
	if (read !== null) line.current = nextLine(line.current, { entries, watched: atEnd && focused, read });
	const unreadFrom = read === null ? null : line.current.after;
	const items = useMemo(() => transcript(entries, unreadFrom), [entries, unreadFrom]);
	const first = entries[0]?.seq ?? 0;
	const added = first < rendered.current.first && !pending.current && !atEnd;
	const kept = logWindow(items, begin);
	// At the top, what was added above is rendered at once: there is nothing else to scroll to, and the position could not be kept.
	const part =
		added && kept.first > 0 && (view.current?.scrollTop ?? 0) < NEAR_EDGE
			? logWindow(items, moved(items, kept, -STEP))
			: kept;
	const shown = items.slice(part.first, part.end);
	const top = shown[0]?.key;
	const last = entries.at(-1)?.seq ?? 0;
	const whole = part.end === items.length && later === null;

	if (seenChanges.current !== remoteChanges) {
		seenChanges.current = remoteChanges;
		pending.current = position;
		programmatic.current = true;
	}
	// The place before the items above change: the DOM is still the old one.
	const before = view.current && top !== rendered.current.top ? positionOf(view.current, 0.5) : null;
	if (view.current?.contains(document.activeElement)) rendered.current.focus = document.activeElement;
	useLayoutEffect(() => {
		const element = view.current;
		if (!element) return;
		rendered.current.top = top;
		rendered.current.first = first;
		if (part !== kept) setBegin(moved(items, part, 0));
		keepFocus(element);
		if (pending.current) return reach(element, pending.current);
		if (atEnd) element.scrollTop = element.scrollHeight;
		else if (before?.at === "entry") scrollTo(element, before);
		if (!atEnd && part === kept) moveWindow(element);
	});
	useEffect(() => {
		if (atEnd && focused && last > 0) onSeen(last);
	}, [atEnd, focused, last, onSeen]);

	/** The focus was on something that is no longer rendered. */
	const keepFocus = (element: HTMLElement) => {
		const { focus } = rendered.current;
		rendered.current.focus = null;
		if (focus && !focus.isConnected) element.focus({ preventScroll: true });
	};
	/** Scrolls to a place, in steps while it is not loaded or not rendered. */
	const reach = (element: HTMLElement, wanted: ScrollPosition) => {
		if (wanted.at === "end") {
			if (later) return;
			pending.current = null;
			setBegin(null);
			setAtEnd(true);
			element.scrollTop = element.scrollHeight;
			return;
		}
		if (earlier && wanted.seq < first) {
			// After a failure the reader decides.
			if (earlier.problem) pending.current = null;
			else earlier.load();
			return;
		}
		const seq = nearest(items, wanted.seq);
		// Entry 0 is the beginning, with all that is above the first entry.
		const offset = wanted.seq === 0 ? -element.scrollHeight : wanted.offset;
		if (seq !== null && !scrollTo(element, { at: "entry", seq, offset })) return setBegin(around(items, seq));
		pending.current = null;
		setAtEnd(whole && isAtEnd(element));
		if (wanted.seq === props.hit) focusHit(element, wanted.seq);
	};
	/** Renders the next items when the reader comes near to an edge. */
	const moveWindow = (element: HTMLElement) => {
		if (element.clientHeight === 0) return;
		if (element.scrollTop < NEAR_EDGE && part.first > 0) setBegin(moved(items, part, -STEP));
		else if (distanceToEnd(element) < NEAR_EDGE && part.end < items.length)
			setBegin(moved(items, part, STEP));
	};
	const onScroll = () => {
		const element = view.current;
		if (!element || pending.current) return;
		const end = whole && isAtEnd(element);
		setAtEnd(end);
		// Away from the end the window stays, whatever is added.
		if (end) setBegin(null);
		else if (begin === null) setBegin(moved(items, part, 0));
		if (!end) moveWindow(element);
		if (element.scrollTop < NEAR_EDGE && part.first === 0) earlier?.load();
		if (distanceToEnd(element) < NEAR_EDGE && part.end === items.length) later?.load();
		if (!programmatic.current) onPosition(end ? { at: "end" } : positionOf(element));
	};
	const onUserInput = () => {
		programmatic.current = false;
		pending.current = null;
	};
	const jump = (to: "start" | "end") => {
		pending.current = to === "end" ? { at: "end" } : { at: "entry", seq: 0, offset: 0 };
		onPosition(pending.current);
		if (to === "end" ? later : earlier) props.onJump?.(to);
		setAtEnd(false);
		if (view.current) reach(view.current, pending.current);
	};
	const onKeyDown = (event: KeyboardEvent) => {
		if (isComposing(event)) return;
		onUserInput();
		const to = { Home: "start", End: "end" } as const;
		if (event.key !== "Home" && event.key !== "End") return;
		event.preventDefault();
		jump(to[event.key]);
	};
	return (
		<div class="mlog">
			<div
				class="mlog-view"
				role="log"
				aria-label={props.label}
				// Items that come while the reader scrolls are not news.
				aria-live={props.live && atEnd ? "polite" : "off"}
				// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
				tabIndex={0}
				ref={view}
				onScroll={onScroll}
				onWheel={onUserInput}
				onPointerDown={onUserInput}
				onTouchStart={onUserInput}
				onKeyDown={onKeyDown}
			>
				<div class="mlog-space" />
				{earlier && part.first === 0 ? (
					<OtherPage page={earlier} loading="earlier_loading" text="earlier_load" />
				) : null}
				{shown.map((item) => (
					<LogItem key={item.key} item={item} readTo={props.readTo} hit={props.hit} />
				))}
				{later && part.end === items.length ? (
					<OtherPage page={later} loading="later_loading" text="later_load" />
				) : null}
				{whole ? (
					<>
						{outgoing.map((item) => (
							<OutgoingItem key={item.clientId} item={item} />
						))}
						{props.children}
					</>
				) : null}
			</div>
			{atEnd ? null : (
				<button type="button" class="mlog-jump" onClick={() => jump("end")}>
					<Icon name="down" size={16} /> {t("jump_newest")}
				</button>
			)}
		</div>
	);
}

function distanceToEnd(element: HTMLElement): number {
	return element.scrollHeight - element.scrollTop - element.clientHeight;
}

function isAtEnd(element: HTMLElement): boolean {
	return distanceToEnd(element) < NEAR;
}

/** False when the entry is not rendered. */
function scrollTo(element: HTMLElement, { seq, offset }: Extract<ScrollPosition, { at: "entry" }>): boolean {
	const target = element.querySelector<HTMLElement>(`[data-seq="${seq}"]`);
	if (target) element.scrollTop = target.offsetTop + offset;
	return target !== null;
}

/** Screen readers read the found message, unless the reader is already at a control of the page. */
function focusHit(element: HTMLElement, seq: number): void {
	const active = document.activeElement;
	const untouched = active === null || active.matches("body, h1");
	if (untouched) element.querySelector<HTMLElement>(`[data-seq="${seq}"]`)?.focus({ preventScroll: true });
}

/**
 * The position as the entry at the top edge of the view, or at a part of its height. In its middle an entry keeps its look when
 * others are added above the first one.
 */
function positionOf(element: HTMLElement, part = 0): ScrollPosition {
	const edge = element.scrollTop + part * element.clientHeight;
	const marked = [...element.querySelectorAll<HTMLElement>("[data-seq]")];
	const found = marked.find((one) => one.offsetTop + one.offsetHeight > edge);
	if (!found) return { at: "end" };
	return { at: "entry", seq: Number(found.dataset.seq), offset: element.scrollTop - found.offsetTop };
}

/** True while the tab is visible and focused: messages in a hidden tab do not count as read. */
function useAttention(): boolean {
	const [attentive, setAttentive] = useState(attention());
	useEffect(() => {
		const look = () => setAttentive(attention());
		const events = ["focus", "blur"] as const;
		for (const event of events) window.addEventListener(event, look);
		document.addEventListener("visibilitychange", look);
		return () => {
			for (const event of events) window.removeEventListener(event, look);
			document.removeEventListener("visibilitychange", look);
		};
	}, []);
	return attentive;
}

function attention(): boolean {
	return document.visibilityState === "visible" && document.hasFocus();
}
