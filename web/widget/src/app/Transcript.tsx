import { Icon } from "@palique/ui/Icon";
import { fullDate } from "@palique/ui/time";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { ChatStore } from "./ChatStore";
import type { T } from "./language";
import { MessageGroup } from "./MessageGroup";
import { entryCount, type Row, rowsOf } from "./rows";
import { TypingIndicator } from "./TypingIndicator";
import { useLogScroll } from "./useLogScroll";

interface Props {
	store: ChatStore;
	open: boolean;
	t: T;
}

/** The log of all conversations, rendered in part. */
export function Transcript({ store, open, t }: Props) {
	const box = useRef<HTMLDivElement>(null);
	const { atEnd, most, isPart, toEnd, scrolled, showEarlier } = useLogScroll(box, entryCount(store.chat));
	const rows = rowsOf(store.chat, store.chat.connected && store.link === "up", most);
	const last = rows[rows.length - 1];
	const own = last?.kind === "group" && last.own ? last.messages.length + last.key : "";

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
				<LogRows rows={rows} onEarlier={isPart ? showEarlier : null} store={store} t={t} />
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

interface LogRowsProps {
	rows: readonly Row[];
	/** Shows earlier entries, if there are any. */
	onEarlier: (() => void) | null;
	store: ChatStore;
	t: T;
}

function LogRows({ rows, onEarlier, store, t }: LogRowsProps) {
	return (
		<>
			{onEarlier ? (
				<button type="button" class="earlier" onClick={onEarlier}>
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
			{rows.at(-1)?.kind === "closed" ? <p class="event">{t("closed_next")}</p> : null}
		</>
	);
}

function LogRow({ row, store, t }: { row: Row; store: ChatStore; t: T }) {
	switch (row.kind) {
		case "day":
			return <h2 class="day">{fullDate(row.at, t.language)}</h2>;
		case "joined":
			return <p class="event">{t("joined", { name: row.name })}</p>;
		case "requeued":
		case "transferred":
		case "closed":
			return <p class="event">{t(row.kind)}</p>;
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
