import { Icon } from "@palique/ui/Icon";
import type { ChatSummary } from "../chats/chatSummary";
import { useChatActions } from "../chats/useChatActions";
import { IconButton } from "../parts/Button";
import { useText } from "../texts/useText";
import { useVisitorName } from "../visitors/profile/useVisitorName";
import { UnreadBadge } from "./UnreadBadge";

/** Tab of a minimised chat; a click opens it ready to write (S-45, S-47). */
export function WindowTab({ chat, front }: { chat: ChatSummary; front: boolean }) {
	const t = useText();
	const { show, closeWindow } = useChatActions();
	const name = useVisitorName(chat.visitor);
	const running = chat.mine && chat.status === "active";
	const look = `tab ${chat.unread > 0 ? "tab-unread" : ""} ${front ? "tab-front" : ""}`;
	return (
		<div class={look} data-conversation={chat.conversation}>
			<button type="button" class="tab-open" title={name} onClick={() => show(chat.conversation)}>
				<StatusIcon chat={chat} />
				<span class="cut" dir="auto">
					{name}
				</span>
				<UnreadBadge count={chat.unread} />
			</button>
			{running ? null : (
				<IconButton
					icon="close"
					size={15}
					label={t("close_window", { name: name })}
					onClick={() => closeWindow(chat.conversation)}
				/>
			)}
		</div>
	);
}

export function StatusIcon({ chat }: { chat: ChatSummary }) {
	const t = useText();
	if (chat.status === "closed") return <Icon name="check" size={16} label={t("status_ended")} />;
	if (chat.status === "waiting") return <Icon name="clock" size={16} label={t("state_waiting")} />;
	if (chat.typing) return <Icon name="edit" size={16} label={t("typing_short")} />;
	return <Icon name="chat" size={16} label={t("state_chatting")} />;
}
