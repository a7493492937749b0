/** Actions on chats: the command, the change of the windows, and a toast on failure. */
import { useFailureToast } from "../parts/useFailureToast";
import { useStores } from "../StoresContext";
import { close, maximise, minimise, restore } from "../windows/windowLayout";

export function useChatActions() {
	const { api, windows, conversations, router, chatTickets } = useStores();
	const complain = useFailureToast();

	const attempt = async (act: () => Promise<void>) => {
		try {
			await act();
		} catch (error) {
			complain(error);
		}
	};
	/** What the agent had not sent when an earlier chat with the visitor ended goes into this one. */
	const takeDraft = (visitor: string, conversation: string) => {
		const ended = conversations.chats
			.peek()
			.filter((chat) => chat.visitor.id === visitor && chat.status === "closed");
		windows.takeDraft(
			visitor,
			ended.map((chat) => chat.conversation),
			conversation,
		);
	};
	/** Opens the window and moves the focus to its text area (S-47). */
	const show = (conversation: string) => windows.show(conversation);

	return {
		show,
		minimise: (conversation: string) => windows.change((state) => minimise(state, conversation)),
		maximise: (conversation: string) => windows.show(conversation, maximise),
		restore: (conversation: string) => windows.show(conversation, restore),
		/** Opens the chat with a visitor, ready to write. */
		startWith: (visitor: string) =>
			attempt(async () => {
				const open = conversations.openWith(visitor);
				const conversation = open?.conversation ?? (await conversations.start(visitor));
				if (conversations.openWith(visitor)?.status === "waiting") await conversations.accept(conversation);
				takeDraft(visitor, conversation);
				show(conversation);
			}),
		accept: (conversation: string) =>
			attempt(async () => {
				await conversations.accept(conversation);
				const visitor = conversations.chat(conversation)?.visitor.id;
				if (visitor) takeDraft(visitor, conversation);
				show(conversation);
			}),
		closeSession: (conversation: string) => attempt(() => conversations.close(conversation)),
		/** Closes the window. Not for running chats of this agent. */
		closeWindow: (conversation: string) => {
			const chat = conversations.chat(conversation);
			if (chat?.status === "closed") windows.keepDraft(conversation, chat.visitor.id);
			windows.change((state) => close(state, conversation));
			conversations.release(conversation);
			chatTickets.dismiss(conversation);
		},
		/** Shows the chat's ticket in its window; the first call creates it (S-51). */
		ticketFrom: (conversation: string) =>
			attempt(async () => chatTickets.show(conversation, await api.ticketFromChat(conversation))),
		viewLog: (conversation: string) => router.go({ page: "log", id: conversation }),
	};
}
