import type { ChatSummary } from "../chats/chatSummary";
import { useChatActions } from "../chats/useChatActions";
import { useVisitorName } from "../chats/useVisitorName";
import { IconButton } from "../parts/Button";
import { useText } from "../texts/useText";

/** Closes the window of a chat. A running chat of this agent has no such button: it needs its end first. */
export function CloseWindowButton({ chat, size = 18 }: { chat: ChatSummary; size?: number }) {
	const t = useText();
	const { closeWindow } = useChatActions();
	const name = useVisitorName(chat.visitor);
	if (chat.mine && chat.status === "active") return null;
	return (
		<IconButton
			icon="close"
			size={size}
			label={t("close_window", { name })}
			onClick={() => closeWindow(chat.conversation)}
		/>
	);
}
