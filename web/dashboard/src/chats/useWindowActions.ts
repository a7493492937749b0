import { useStores } from "../StoresContext";
import { close, maximise, minimise, restore } from "../windows/windowLayout";

/** Changes of a chat's window, and what is kept from one window for another. */
export function useWindowActions() {
	const { windows, conversations, chatTickets } = useStores();
	return {
		/** Opens the window and moves the focus to its text area (S-47). */
		show: (conversation: string) => windows.show(conversation),
		minimise: (conversation: string) => windows.change((state) => minimise(state, conversation)),
		maximise: (conversation: string) => windows.show(conversation, maximise),
		restore: (conversation: string) => windows.show(conversation, restore),
		/** Closes the window. Not for running chats of this agent. */
		closeWindow: (conversation: string) => {
			const chat = conversations.chat(conversation);
			if (chat?.status === "closed") windows.keepDraft(conversation, chat.visitor.id);
			windows.change((state) => close(state, conversation));
			conversations.forget(conversation);
			chatTickets.dismiss(conversation);
		},
		/** What the agent had not sent when an earlier chat with the visitor ended goes into this one. */
		takeDraft: (visitor: string, conversation: string) => {
			const chats = conversations.chats.peek();
			const ended = chats.filter((chat) => chat.visitor.id === visitor && chat.status === "closed");
			windows.takeDraft(
				visitor,
				ended.map((chat) => chat.conversation),
				conversation,
			);
		},
	};
}
