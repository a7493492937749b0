import { Icon } from "@palique/ui/Icon";
import { fullDate } from "@palique/ui/time";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ChatStore } from "./ChatStore";
import type { T } from "./language";
import { MessageGroup } from "./MessageGroup";
import { entryCount, type Row, rowsOf } from "./rows";
import { TypingIndicator } from "./TypingIndicator";

/** Pixels: about one line. Closer to the end than this counts as at the end. */
const NEAR = 40;
/** Pixels. Closer to the top than this, earlier entries are rendered. */
const NEAR_TOP = 400;
/** Entries rendered at the end, and more at each step back. */
const PART = 150;

interface Props {
	store: ChatStore;
	open: boolean;
	t: T;
}

/** The log, rendered in part. At the end it follows new messages; elsewhere it keeps its scroll position. */
export function Transcript({ store, open, t }: Props) {
	const box = useRef<HTMLDivElement>(null);
	const [atEnd, setAtEnd] = useState(true);
	const [most, setMost] = useState(PART);
	// Distance from the end before earlier entries are rendered, which keeps the scroll position.
	const fromEnd = useRef<number | null>(null);
	const rows = rowsOf(store.chat, store.chat.connected && store.link === "up", most);
	const isPart = entryCount(store.chat) > most;
	const last = rows[rows.length - 1];
	const own = last?.kind === "group" && last.own ? last.messages.length + last.key : "";

	function toEnd(): void {
		const element = box.current;
		if (element) element.scrollTop = element.scrollHeight;
		setAtEnd(true);
		setMost(PART);
	}

	function scrolled(): void {
		const element = box.current;
		if (!element) return;
		const end = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
		setAtEnd(end);
		if (end) setMost(PART);
		else if (element.scrollTop < NEAR_TOP && isPart) showEarlier();
	}

	function showEarlier(): void {
		const element = box.current;
		fromEnd.current = element && element.scrollHeight - element.scrollTop;
		setAtEnd(false);
		setMost(most + PART);
	}

	useLayoutEffect(() => {
		const element = box.current;
		if (element && fromEnd.current !== null) element.scrollTop = element.scrollHeight - fromEnd.current;
		fromEnd.current = null;
		if (atEnd) toEnd();
	});
	// Own messages always scroll to the end.
	useLayoutEffect(toEnd, [own]);
	useSeen(store, open && atEnd);

	return (
		<div class="log-frame">
			<div
				class="log"
				role="log"
				aria-label={t("log")}
				// Earlier messages that are rendered while the visitor scrolls back are not news.
				aria-live={atEnd ? "polite" : "off"}
				// biome-ignore lint/a11y/noNoninteractiveTabindex: without it the keyboard could not scroll the log.
				tabIndex={0}
				ref={box}
				onScroll={scrolled}
			>
				{isPart ? (
					<button type="button" class="earlier" onClick={showEarlier}>
						{t("earlier")}
					</button>
				) : null}
				{rows.length ? null : (
					<p class="greeting" dir="auto">
						{greeting(store, t)}
					</p>
				)}
				{rows.map((row) => (
					<LogRow key={row.key} row={row} store={store} t={t} />
				))}
				{last?.kind === "closed" ? <p class="event">{t("closed_next")}</p> : null}
				<TypingIndicator store={store} t={t} />
			</div>
			{atEnd ? null : (
				<button type="button" class="to-end" onClick={toEnd}>
					<Icon name="down" size={16} /> {t("new_messages")}
				</button>
			)}
		</div>
	);
}

function LogRow({ row, store, t }: { row: Row; store: ChatStore; t: T }) {
	switch (row.kind) {
		case "day":
			return <h2 class="day">{fullDate(row.at, t.language)}</h2>;
		case "joined":
			return <p class="event">{t("joined", { name: row.name })}</p>;
		case "closed":
			return <p class="event">{t("closed")}</p>;
		case "group":
			return <MessageGroup group={row} store={store} t={t} />;
	}
}

function greeting(store: ChatStore, t: T): string {
	const texts = store.hostState?.site.texts?.[t.texts];
	if (store.site?.online === false) return texts?.offline || t("greeting_offline");
	return texts?.online || t("greeting_online");
}

/** Sends read marks for what is visible. */
function useSeen(store: ChatStore, visible: boolean): void {
	useEffect(() => {
		const tell = () => visible && document.visibilityState === "visible" && store.seen();
		tell();
		document.addEventListener("visibilitychange", tell);
		return () => document.removeEventListener("visibilitychange", tell);
	});
}
