/** Actions on chats: the command, the change of the windows, and a toast on failure. */
import { useFailureToast } from "../parts/useFailureToast";
import { useStores } from "../StoresContext";
import { useWindowActions } from "./useWindowActions";

export function useChatActions() {
	const { api, conversations, router, chatTickets } = useStores();
	const complain = useFailureToast();
	const { takeDraft, ...windowActions } = useWindowActions();
	const { show } = windowActions;

	const attempt = async (act: () => Promise<void>) => {
		try {
			await act();
		} catch (error) {
			complain(error);
		}
	};
	return {
		...windowActions,
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
		/** Puts the chat back into the queue; its window stays. */
		release: (conversation: string) => attempt(() => conversations.release(conversation)),
		/** Takes the chat of another agent, ready to write. */
		takeOver: (conversation: string) =>
			attempt(async () => {
				await conversations.takeOver(conversation);
				show(conversation);
			}),
		closeSession: (conversation: string) => attempt(() => conversations.close(conversation)),
		/** Shows the chat's ticket in its window; the first call creates it (S-51). */
		ticketFrom: (conversation: string) =>
			attempt(async () => chatTickets.show(conversation, await api.ticketFromChat(conversation))),
		viewLog: (conversation: string) => router.go({ page: "log", id: conversation }),
	};
}
