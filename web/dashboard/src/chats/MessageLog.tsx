import "./MessageLog.css";
import type { Outgoing } from "@palique/client";
import { Icon } from "@palique/ui/Icon";
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { useText } from "../texts/useText";
import type { ScrollPosition } from "../windows/ChatWindowsStore";
import { LogScroller } from "./LogScroller";
import type { LogWindow } from "./logWindow";
import { LogItem, OutgoingItem } from "./Message";
import { OtherPage, type PageLoader } from "./OtherPage";
import { type Item, type LogEntry, transcript } from "./transcript";
import { nextLine, openLine } from "./unreadLine";
import { useAttention } from "./useAttention";

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

/** Scrolling log of messages, of which a bounded part is rendered. */
export function MessageLog(props: Props) {
	const t = useText();
	const { earlier, later = null, readTo, hit } = props;
	const { scroller, items, part, atEnd } = useLogScroller(props);
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
				ref={scroller.view}
				onScroll={scroller.onScroll}
				onWheel={scroller.onInput}
				onPointerDown={scroller.onInput}
				onTouchStart={scroller.onInput}
				onKeyDown={scroller.onKeyDown}
			>
				<div class="mlog-space" />
				<Items items={items} part={part} earlier={earlier} later={later} readTo={readTo} hit={hit} />
				{scroller.isWhole ? (
					<>
						{props.outgoing.map((item) => (
							<OutgoingItem key={item.clientId} item={item} />
						))}
						{props.children}
					</>
				) : null}
			</div>
			{atEnd ? null : (
				<button type="button" class="mlog-jump" onClick={() => scroller.jump("end")}>
					<Icon name="down" size={16} /> {t("jump_newest")}
				</button>
			)}
		</div>
	);
}

interface ItemsProps {
	items: readonly Item[];
	part: LogWindow;
	earlier: PageLoader | null;
	later: PageLoader | null;
	readTo: number | null;
	hit: number | undefined;
}

/** The rendered part, with the pages that are not loaded where it ends. */
function Items({ items, part, earlier, later, readTo, hit }: ItemsProps) {
	return (
		<>
			{earlier && part.first === 0 ? (
				<OtherPage page={earlier} loading="earlier_loading" text="earlier_load" />
			) : null}
			{items.slice(part.first, part.end).map((item) => (
				<LogItem key={item.key} item={item} readTo={readTo} hit={hit} />
			))}
			{later && part.end === items.length ? (
				<OtherPage page={later} loading="later_loading" text="later_load" />
			) : null}
		</>
	);
}

/** The items of a log, which of them to render, and the scroll position. Reports what the reader has seen. */
function useLogScroller(props: Props) {
	const { entries, read, position, remoteChanges, earlier, later = null, hit, onPosition, onSeen } = props;
	const [scroller] = useState(() => new LogScroller(position, remoteChanges));
	const [atEnd, setAtEnd] = useState(position.at === "end" && later === null);
	const [begin, setBegin] = useState<number | null>(null);
	const focused = useAttention();
	const unreadFrom = useUnreadLine(entries, read, atEnd && focused);
	const items = useMemo(() => transcript(entries, unreadFrom), [entries, unreadFrom]);
	const first = entries[0]?.seq ?? 0;
	const last = entries.at(-1)?.seq ?? 0;
	const part = scroller.render({
		items,
		first,
		begin,
		setBegin,
		atEnd,
		setAtEnd,
		position,
		remoteChanges,
		earlier,
		later,
		hit,
		onPosition,
		onJump: props.onJump,
	});
	useLayoutEffect(() => scroller.rendered());
	useEffect(() => {
		if (atEnd && focused && last > 0) onSeen(last);
	}, [atEnd, focused, last, onSeen]);
	return { scroller, items, part, atEnd };
}

/** The `seq` before the line for unread messages; `null` for no line. `watched`: the reader sees the end of the log. */
function useUnreadLine(entries: readonly LogEntry[], read: number | null, watched: boolean): number | null {
	const line = useRef(openLine(read ?? 0));
	if (read === null) return null;
	line.current = nextLine(line.current, { entries, watched, read });
	return line.current.after;
}
