import "./MessageLog.css";
import type { Entry, Outgoing } from "@palique/client";
import { Icon } from "@palique/ui/Icon";
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { useText } from "../StoresContext";
import type { Place } from "../windows/ChatWindowsStore";
import { LogItem, OutgoingItem } from "./Message";
import { transcript } from "./transcript";

interface Props {
	label: string;
	entries: readonly Entry[];
	outgoing: readonly Outgoing[];
	/** What this reader had read when the window opened; `null` draws no line. */
	unreadFrom: number | null;
	readTo: number | null;
	place: Place;
	/** Grows when another tab says where its reader stands. */
	placeTurn: number;
	/** How far back there is more to load; `null` once the beginning is here. */
	earlier: { loading: boolean; load: () => void } | null;
	onPlace: (place: Place) => void;
	/** All up to here was in sight. */
	onSeen: (seq: number) => void;
	/** Below the last message: who is typing. */
	children?: ComponentChildren;
}

// Within this of the end the log follows what comes (pixels).
const NEAR = 48;
// Within this of the beginning the page before is fetched (pixels): it is there before the reader is.
const NEAR_TOP = 400;

/** The running log: stays at the newest for who reads there, and where they are for who reads above. */
export function MessageLog(props: Props) {
	const { entries, outgoing, unreadFrom, place, placeTurn, earlier, onPlace, onSeen } = props;
	const t = useText();
	const view = useRef<HTMLDivElement>(null);
	const sought = useRef<Place | null>(place);
	const turn = useRef(placeTurn);
	// Where the log was put by its own account, nobody has read: other tabs are told only of what a person did.
	const placed = useRef(true);
	const drawn = useRef({ first: 0, height: 0 });
	const [atEnd, setAtEnd] = useState(place.at === "end");
	const items = useMemo(() => transcript(entries, unreadFrom), [entries, unreadFrom]);
	const last = entries.at(-1)?.seq ?? 0;
	const focused = useAttention();

	if (turn.current !== placeTurn) {
		turn.current = placeTurn;
		sought.current = place;
		placed.current = true;
		if (place.at === "end" && !atEnd) setAtEnd(true);
	}
	const first = entries[0]?.seq ?? 0;
	useLayoutEffect(() => {
		const element = view.current;
		if (!element) return;
		const grown = first < drawn.current.first ? element.scrollHeight - drawn.current.height : 0;
		drawn.current = { first, height: element.scrollHeight };
		if (sought.current?.at === "entry") {
			const { seq, offset } = sought.current;
			const target = element.querySelector<HTMLElement>(`[data-seq="${seq}"]`);
			if (!target && seq > 0) return seq < first ? earlier?.load() : undefined;
			element.scrollTop = (target?.offsetTop ?? 0) + offset;
			sought.current = null;
			setAtEnd(isAtEnd(element));
		} else if (atEnd) element.scrollTop = element.scrollHeight;
		else if (grown > 0) element.scrollTop += grown;
	});
	useEffect(() => {
		if (atEnd && focused && last > 0) onSeen(last);
	}, [atEnd, focused, last, onSeen]);

	const onScroll = () => {
		const element = view.current;
		if (!element || sought.current?.at === "entry") return;
		const end = isAtEnd(element);
		setAtEnd(end);
		if (element.scrollTop < NEAR_TOP) earlier?.load();
		if (!placed.current) onPlace(end ? { at: "end" } : placeOf(element));
	};
	const touch = () => {
		placed.current = false;
	};
	const jump = () => {
		sought.current = null;
		setAtEnd(true);
		onPlace({ at: "end" });
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
				onWheel={touch}
				onPointerDown={touch}
				onTouchStart={touch}
				onKeyDown={touch}
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

/** The entry at the top edge. */
function placeOf(element: HTMLElement): Place {
	const marked = [...element.querySelectorAll<HTMLElement>("[data-seq]")];
	const top = marked.find((one) => one.offsetTop + one.offsetHeight > element.scrollTop);
	if (!top) return { at: "end" };
	return { at: "entry", seq: Number(top.dataset.seq), offset: element.scrollTop - top.offsetTop };
}

/** Whether somebody can be looking: a message in a hidden tab is not read. */
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
