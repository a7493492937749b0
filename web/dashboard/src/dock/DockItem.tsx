import { useEffect, useRef } from "preact/hooks";
import { Conversation } from "../chats/Conversation";
import type { ChatSummary } from "../chats/chatSummary";
import { useChatActions } from "../chats/useChatActions";
import { useEscape } from "../parts/useDismiss";
import { useStores } from "../StoresContext";
import { useVisitorName } from "../visitors/profile/useVisitorName";
import { type ChatWindow, close } from "../windows/windowLayout";
import { MaximisedWindow } from "./MaximisedWindow";
import { WindowHead } from "./WindowHead";
import { WindowTab } from "./WindowTab";

/** One chat, rendered by the mode of its window. */
export function DockItem({ chatWindow }: { chatWindow: ChatWindow }) {
	const { conversations } = useStores();
	useFollowed(chatWindow.conversation);
	const chat = conversations.chat(chatWindow.conversation);
	if (!chat) return chatWindow.view === "minimised" ? <span class="tab tab-coming" /> : null;
	if (chatWindow.view === "minimised") return <WindowTab chat={chat} />;
	if (chatWindow.view === "maximised")
		return (
			<>
				<WindowTab chat={chat} />
				<MaximisedWindow chat={chat} />
			</>
		);
	return <CompactWindow chat={chat} />;
}

function CompactWindow({ chat }: { chat: ChatSummary }) {
	const { minimise } = useChatActions();
	const name = useVisitorName(chat.visitor);
	const root = useRef<HTMLElement>(null);
	useEscape(root, () => minimise(chat.conversation));
	return (
		<section class="box" ref={root} aria-label={name} data-conversation={chat.conversation}>
			<WindowHead chat={chat} />
			<Conversation chat={chat} visitorName={name} />
		</section>
	);
}

/** After a reload: follows a chat that the `welcome` did not include, and closes its window if it no longer exists. */
function useFollowed(conversation: string): void {
	const { windows, conversations, connection } = useStores();
	const known = conversations.thread(conversation)?.state != null;
	const connected = connection.phase.value === "live" && conversations.state.value.connected;
	useEffect(() => {
		if (known || !connected) return;
		conversations.follow(conversation).catch((problem: { code?: string }) => {
			if (problem.code === "not_found") windows.change((state) => close(state, conversation));
		});
	}, [known, connected, conversation, conversations, windows]);
}
