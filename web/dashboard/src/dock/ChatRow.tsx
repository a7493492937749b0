import { Avatar } from "@palique/ui/Avatar";
import { dateAndTime, timeOfDay } from "@palique/ui/time";
import type { ChatSummary } from "../chats/chatSummary";
import { useChatActions } from "../chats/useChatActions";
import { useVisitorName } from "../chats/useVisitorName";
import { Button } from "../parts/Button";
import { useStores } from "../StoresContext";
import { elapsed } from "../texts/elapsed";
import type { T } from "../texts/LanguageStore";
import { useText } from "../texts/useText";
import { WaitingLine } from "../visitors/list/WaitingLine";
import { CloseWindowButton } from "./CloseWindowButton";
import { UnreadBadge } from "./UnreadBadge";

/** A chat in the list; a click opens it ready to write (S-47). */
export function ChatRow({ chat, current }: { chat: ChatSummary; current: boolean }) {
	const t = useText();
	const { accept, show } = useChatActions();
	const name = useVisitorName(chat.visitor);
	const { conversation, status } = chat;
	const waits = status === "waiting";
	const look = ["chats-row", waits && "chats-waiting", current && "chats-current"];
	return (
		<li class={look.filter(Boolean).join(" ")}>
			<button
				type="button"
				class="chats-pick"
				aria-current={current || undefined}
				onClick={() => show(conversation)}
			>
				<Avatar name={name} seed={chat.visitor.id} size={30} />
				<Names chat={chat} name={name} />
				{waits ? null : (
					<span class="chats-end">
						<When chat={chat} />
						<UnreadBadge count={chat.unread} />
					</span>
				)}
			</button>
			{waits ? (
				<Button kind="primary" small onClick={() => void accept(conversation)}>
					{t("accept")}
				</Button>
			) : null}
			{status === "closed" ? <CloseWindowButton chat={chat} size={15} /> : null}
		</li>
	);
}

/** Name of the visitor, and the last line or since when the visitor waits. */
function Names({ chat, name }: { chat: ChatSummary; name: string }) {
	const t = useText();
	const waits = chat.status === "waiting";
	return (
		<span class="chats-names">
			<span class={waits || chat.unread > 0 ? "cut chats-name" : "cut"} dir="auto">
				{name}
			</span>
			{waits ? (
				<WaitingLine visitor={chat.visitor.id} />
			) : (
				<span class="cut muted small" dir="auto">
					{preview(t, chat)}
				</span>
			)}
		</span>
	);
}

function preview(t: T, { typing, lastText, mine, status, assignee }: ChatSummary): string {
	if (typing) return t("typing_short");
	if (mine || status === "closed") return lastText ?? t("no_message");
	return [assignee?.name, lastText].filter(Boolean).join(" · ");
}

/** How long the visitor has waited for an answer, else the time of the last entry. */
function When({ chat: { waitingSince, lastAt } }: { chat: ChatSummary }) {
	const { clock } = useStores();
	const t = useText();
	if (waitingSince === null)
		return (
			<time class="muted" dateTime={lastAt} title={dateAndTime(lastAt, t.language)}>
				{timeOfDay(lastAt, t.language)}
			</time>
		);
	const span = elapsed(t, waitingSince, clock.now.value);
	return (
		<time class="chats-wait" dateTime={waitingSince} title={dateAndTime(waitingSince, t.language)}>
			<span aria-hidden="true">{span}</span>
			<span class="visually-hidden">{t("waiting_since", { time: span })}</span>
		</time>
	);
}
