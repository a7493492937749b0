import { Avatar } from "@palique/ui/Avatar";
import { dateAndTime, timeOfDay } from "@palique/ui/time";
import type { ChatSummary } from "../chats/chatSummary";
import { useChatActions } from "../chats/useChatActions";
import { useVisitorName } from "../chats/useVisitorName";
import { Button, IconButton } from "../parts/Button";
import { useStores } from "../StoresContext";
import { elapsed } from "../texts/elapsed";
import type { T } from "../texts/LanguageStore";
import { useText } from "../texts/useText";
import { WaitingLine } from "../visitors/list/WaitingLine";
import { UnreadBadge } from "./UnreadBadge";

/** A chat in the list; a click opens it ready to write (S-47). */
export function ChatRow({ chat, current }: { chat: ChatSummary; current: boolean }) {
	const t = useText();
	const { accept, show, closeWindow } = useChatActions();
	const name = useVisitorName(chat.visitor);
	const { conversation, status } = chat;
	const look = ["chats-row", status === "waiting" && "chats-waiting", current && "chats-current"];
	return (
		<li class={look.filter(Boolean).join(" ")}>
			<button
				type="button"
				class="chats-pick"
				aria-current={current || undefined}
				onClick={() => show(conversation)}
			>
				<Avatar name={name} seed={chat.visitor.id} size={30} />
				<span class="chats-names">
					<span class={status === "waiting" || chat.unread > 0 ? "cut chats-name" : "cut"} dir="auto">
						{name}
					</span>
					{status === "waiting" ? (
						<WaitingLine visitor={chat.visitor.id} />
					) : (
						<span class="cut muted small" dir="auto">
							{preview(t, chat)}
						</span>
					)}
				</span>
				{status === "waiting" ? null : (
					<span class="chats-end">
						<When chat={chat} />
						<UnreadBadge count={chat.unread} />
					</span>
				)}
			</button>
			{status === "waiting" ? (
				<Button kind="primary" small onClick={() => void accept(conversation)}>
					{t("accept")}
				</Button>
			) : null}
			{status === "closed" ? (
				<IconButton
					icon="close"
					size={15}
					label={t("close_window", { name })}
					onClick={() => closeWindow(conversation)}
				/>
			) : null}
		</li>
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
