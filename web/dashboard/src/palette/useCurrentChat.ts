import type { ChatSummary } from "../chats/chatSummary";
import { useStores } from "../StoresContext";

/** Returns a function for the chat to which a shortcut applies now: the one with the focus, else the one on the screen. */
export function useCurrentChat(): () => ChatSummary | undefined {
	const { chatList, conversations } = useStores();
	return () => {
		const place = document.activeElement?.closest<HTMLElement>("[data-conversation]");
		const conversation = place?.dataset.conversation ?? chatList.current.peek();
		return conversation === null ? undefined : conversations.chat(conversation);
	};
}
