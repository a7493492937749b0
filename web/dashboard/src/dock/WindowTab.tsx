import { Avatar } from "@palique/ui/Avatar";
import { Icon } from "@palique/ui/Icon";
import type { ChatSummary } from "../chats/chatSummary";
import { useChatActions } from "../chats/useChatActions";
import { useVisitorName } from "../chats/useVisitorName";
import { useText } from "../texts/useText";
import { CloseWindowButton } from "./CloseWindowButton";
import { UnreadBadge } from "./UnreadBadge";

/** Tab of a minimised chat; a click opens it ready to write (S-45, S-47). A narrow one shows the picture and the number only. */
export function WindowTab({ chat, front }: { chat: ChatSummary; front: boolean }) {
	const { show } = useChatActions();
	const name = useVisitorName(chat.visitor);
	const look = `tab ${chat.unread > 0 ? "tab-unread" : ""} ${front ? "tab-front" : ""}`;
	return (
		<div class={look} data-conversation={chat.conversation}>
			<button type="button" class="tab-open" title={name} onClick={() => show(chat.conversation)}>
				<Avatar name={name} seed={chat.visitor.id} size={24} />
				<span class="cut tab-name" dir="auto">
					{name}
				</span>
				<StatusIcon chat={chat} />
				<UnreadBadge count={chat.unread} />
			</button>
			<CloseWindowButton chat={chat} size={15} />
		</div>
	);
}

/** Nothing for a running chat in which the visitor does not type. */
function StatusIcon({ chat }: { chat: ChatSummary }) {
	const t = useText();
	if (chat.status === "closed") return <Icon name="check" size={16} label={t("status_ended")} />;
	if (chat.status === "waiting") return <Icon name="clock" size={16} label={t("state_waiting")} />;
	return chat.typing ? <Icon name="edit" size={16} label={t("typing_short")} /> : null;
}
