import "./Message.css";
import type { Outgoing } from "@palique/client";
import { Avatar, photoOf } from "@palique/ui/Avatar";
import { Icon } from "@palique/ui/Icon";
import { LinkedText } from "@palique/ui/LinkedText";
import { dateAndTime, fullDate, timeOfDay } from "@palique/ui/time";
import { useStores } from "../StoresContext";
import type { TextKey } from "../texts/LanguageStore";
import { problemText } from "../texts/problem";
import { useText } from "../texts/useText";
import type { EventKind, Item, LogEvent, TextMessage } from "./transcript";
import { useNameOf } from "./useVisitorName";

const EVENTS: Readonly<Record<EventKind, TextKey>> = {
	opened: "event_opened",
	assigned: "event_assigned",
	joined: "event_joined",
	left: "event_left",
	transferred: "event_transferred",
	transferred_to: "event_transferred_to",
	taken_over: "event_taken_over",
	released: "event_released",
	agent_lost: "event_agent_lost",
	requeued: "event_requeued",
	offered: "event_offered",
	offer_ended: "event_offer_ended",
	prioritised: "event_prioritised",
	closed: "event_closed",
};

interface Props {
	item: Item;
	/** Highest `seq` that the visitor has read; `null` shows no ticks. */
	readTo: number | null;
	/** `seq` of the entry that a search found. */
	hit?: number | undefined;
}

/** One row of a log: date, event or message (S-54). */
export function LogItem({ item, readTo, hit }: Props) {
	const t = useText();
	switch (item.kind) {
		case "day":
			return <p class="log-day">{fullDate(item.at, t.language)}</p>;
		case "unread":
			return <p class="log-unread">{t("unread_line")}</p>;
		case "event":
			return <EventItem event={item} />;
		default:
			return <MessageItem message={item} readTo={readTo} hit={item.seq === hit} />;
	}
}

function EventItem({ event }: { event: LogEvent }) {
	const t = useText();
	const nameOf = useNameOf();
	const name = nameOf(event.who) || t("someone");
	const to = (event.to && nameOf(event.to)) || t("someone");
	return (
		<p class="log-event" data-seq={event.seq}>
			{t(EVENTS[event.event], { name, to })} · {timeOfDay(event.at, t.language)}
			{event.note ? (
				<span class="log-event-note" dir="auto">
					{event.note}
				</span>
			) : null}
		</p>
	);
}

interface MessageItemProps {
	message: TextMessage;
	readTo: number | null;
	hit: boolean;
}

/** A message with author, photo and time (S-55, S-56). */
function MessageItem({ message, readTo, hit }: MessageItemProps) {
	const t = useText();
	const { author, at } = message;
	const ours = author.kind !== "visitor";
	const names = [
		"said",
		ours ? "said-ours" : "said-theirs",
		message.kind === "note" && "said-note",
		message.first && "said-first",
		hit && "said-hit",
	];
	return (
		<article
			class={names.filter(Boolean).join(" ")}
			data-seq={message.seq}
			// The found message gets the focus, so that screen readers begin there.
			tabIndex={hit ? -1 : undefined}
		>
			{hit ? <span class="visually-hidden">{t("log_hit")}</span> : null}
			<Author message={message} />
			<div class="said-bubble">
				<p class="words" dir="auto">
					<LinkedText text={message.text} />
				</p>
			</div>
			<footer class="said-foot">
				<time dateTime={at} title={dateAndTime(at, t.language)}>
					{timeOfDay(at, t.language)}
				</time>
				{ours && message.kind === "message" && readTo !== null ? (
					<Ticks read={message.seq <= readTo} />
				) : null}
			</footer>
		</article>
	);
}

/** Shown with the first of several messages in a row; the others have it for screen readers. */
function Author({ message: { author, kind, first } }: { message: TextMessage }) {
	const t = useText();
	const name = useNameOf()(author);
	if (!first) return <span class="visually-hidden">{name}</span>;
	const photo = author.kind === "agent" ? photoOf(author.id) : null;
	return (
		<>
			<Avatar name={name} seed={author.id} photo={photo} size={28} />
			<header class="said-head">
				<span class="said-name cut" dir="auto">
					{name || t("someone")}
				</span>
				{kind === "note" ? <span class="said-tag">{t("note")}</span> : null}
			</header>
		</>
	);
}

function Ticks({ read }: { read: boolean }) {
	const t = useText();
	const text = t(read ? "mark_read" : "mark_delivered");
	return (
		<span class={read ? "ticks ticks-read" : "ticks"} title={text}>
			<Icon name={read ? "checks" : "check"} size={14} label={text} />
		</span>
	);
}

/** A message of the outbox: sending, retrying or failed. */
export function OutgoingItem({ item }: { item: Outgoing }) {
	const { conversations } = useStores();
	const t = useText();
	const failed = item.phase === "failed";
	const late = item.attempts > 1 || item.phase === "waiting" || item.phase === "queued";
	const names = [
		"said said-ours said-outgoing",
		failed && "said-failed",
		item.kind === "note" && "said-note",
	];
	return (
		<article class={names.filter(Boolean).join(" ")}>
			<div class="said-bubble">
				<p class="words" dir="auto">
					<LinkedText text={item.text} />
				</p>
			</div>
			<footer class="said-foot">
				{failed ? (
					<>
						<Icon name="warning" size={14} />
						<span>{problemText(t, { code: item.refusal?.code ?? "unavailable" })}</span>
						<button type="button" class="said-act" onClick={() => conversations.retry(item.clientId)}>
							{t("send_again")}
						</button>
						<button type="button" class="said-act" onClick={() => conversations.discard(item.clientId)}>
							{t("discard")}
						</button>
					</>
				) : (
					<>
						<Icon name="clock" size={14} /> {t(late ? "mark_retrying" : "mark_sending")}
					</>
				)}
			</footer>
		</article>
	);
}
