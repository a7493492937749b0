import "./MessageLog.css";
import type { Outgoing } from "@palique/client";
import { Icon } from "@palique/ui/Icon";
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { useText } from "../texts/useText";
import type { ScrollPosition } from "../windows/ChatWindowsStore";
import { LogItem, OutgoingItem } from "./Message";
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
	/** Loads the previous page; `null` once the beginning is loaded. */
	earlier: { loading: boolean; load: () => void } | null;
	onPosition: (position: ScrollPosition) => void;
	/** All entries up to this `seq` were visible. */
	onSeen: (seq: number) => void;
	/** Drawn below the last message: the typing indicator. */
	children?: ComponentChildren;
}

// Pixels. Closer to the end than this, the log follows new messages.
const NEAR = 48;
// Pixels. Closer to the beginning than this, the previous page is loaded.
const NEAR_TOP = 400;

/**
 * Scrolling log of messages. At the end it follows new messages; elsewhere it keeps the scroll position, also when a previous
 * page is loaded above.
 */
export function MessageLog(props: Props) {
	const { entries, outgoing, read, position, remoteChanges, earlier, onPosition, onSeen } = props;
	const t = useText();
	const view = useRef<HTMLDivElement>(null);
	const pending = useRef<ScrollPosition | null>(position);
	const seenChanges = useRef(remoteChanges);
	// True until the reader scrolls: a position that the code set is not shared with other tabs.
	const programmatic = useRef(true);
	const rendered = useRef({ first: 0, height: 0 });
	const [atEnd, setAtEnd] = useState(position.at === "end");
	const focused = useAttention();
	const line = useRef(openLine(read ?? 0));
	if (read !== null) line.current = nextLine(line.current, { entries, watched: atEnd && focused, read });
	const unreadFrom = read === null ? null : line.current.after;
	const items = useMemo(() => transcript(entries, unreadFrom), [entries, unreadFrom]);
	const last = entries.at(-1)?.seq ?? 0;

	if (seenChanges.current !== remoteChanges) {
		seenChanges.current = remoteChanges;
		pending.current = position;
		programmatic.current = true;
		if (position.at === "end" && !atEnd) setAtEnd(true);
	}
	const first = entries[0]?.seq ?? 0;
	useLayoutEffect(() => {
		const element = view.current;
		if (!element) return;
		const grown = first < rendered.current.first ? element.scrollHeight - rendered.current.height : 0;
		rendered.current = { first, height: element.scrollHeight };
		if (pending.current?.at === "entry") {
			const { seq, offset } = pending.current;
			const target = element.querySelector<HTMLElement>(`[data-seq="${seq}"]`);
			if (!target && seq > 0) return seq < first ? earlier?.load() : undefined;
			element.scrollTop = (target?.offsetTop ?? 0) + offset;
			pending.current = null;
			setAtEnd(isAtEnd(element));
		} else if (atEnd) element.scrollTop = element.scrollHeight;
		else if (grown > 0) element.scrollTop += grown;
	});
	useEffect(() => {
		if (atEnd && focused && last > 0) onSeen(last);
	}, [atEnd, focused, last, onSeen]);

	const onScroll = () => {
		const element = view.current;
		if (!element || pending.current?.at === "entry") return;
		const end = isAtEnd(element);
		setAtEnd(end);
		if (element.scrollTop < NEAR_TOP) earlier?.load();
		if (!programmatic.current) onPosition(end ? { at: "end" } : positionOf(element));
	};
	const onUserInput = () => {
		programmatic.current = false;
	};
	const jump = () => {
		pending.current = null;
		setAtEnd(true);
		onPosition({ at: "end" });
		view.current?.scrollTo({ top: view.current.scrollHeight });
	};
	return (
		<div class="mlog">
			<div
				class="mlog-view"
				role="log"
				aria-label={props.label}
				// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
				tabIndex={0}
				ref={view}
				onScroll={onScroll}
				onWheel={onUserInput}
				onPointerDown={onUserInput}
				onTouchStart={onUserInput}
				onKeyDown={onUserInput}
			>
				<div class="mlog-space" />
				{earlier ? (
					<p class="mlog-earlier">
						{earlier.loading ? (
							t("earlier_loading")
						) : (
							<button type="button" class="said-act" onClick={earlier.load}>
								{t("earlier_load")}
							</button>
						)}
					</p>
				) : null}
				{items.map((item) => (
					<LogItem key={item.key} item={item} readTo={props.readTo} />
				))}
				{outgoing.map((item) => (
					<OutgoingItem key={item.clientId} item={item} />
				))}
				{props.children}
			</div>
			{atEnd ? null : (
				<button type="button" class="mlog-jump" onClick={jump}>
					<Icon name="down" size={16} /> {t("jump_newest")}
				</button>
			)}
		</div>
	);
}

function isAtEnd(element: HTMLElement): boolean {
	return element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
}

/** The position as the entry at the top edge of the view. */
function positionOf(element: HTMLElement): ScrollPosition {
	const marked = [...element.querySelectorAll<HTMLElement>("[data-seq]")];
	const top = marked.find((one) => one.offsetTop + one.offsetHeight > element.scrollTop);
	if (!top) return { at: "end" };
	return { at: "entry", seq: Number(top.dataset.seq), offset: element.scrollTop - top.offsetTop };
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
