import { useEffect, useRef } from "preact/hooks";
import { Conversation } from "../chats/Conversation";
import type { ChatSummary } from "../chats/chatSummary";
import { useChatActions } from "../chats/useChatActions";
import { useEscape } from "../parts/useDismiss";
import { useStores } from "../StoresContext";
import { useVisitorName } from "../visitors/profile/useVisitorName";
import { type Box, dismiss } from "../windows/windowLayout";
import { MaximisedWindow } from "./MaximisedWindow";
import { WindowHead } from "./WindowHead";
import { WindowTab } from "./WindowTab";

/** One chat in whichever state its window is. */
export function DockItem({ box }: { box: Box }) {
	const { conversations } = useStores();
	useKnown(box.conversation);
	const talk = conversations.talk(box.conversation);
	if (!talk) return box.view === "minimised" ? <span class="tab tab-coming" /> : null;
	if (box.view === "minimised") return <WindowTab talk={talk} />;
	if (box.view === "maximised")
		return (
			<>
				<WindowTab talk={talk} />
				<MaximisedWindow talk={talk} />
			</>
		);
	return <CompactBox talk={talk} />;
}

function CompactBox({ talk }: { talk: ChatSummary }) {
	const { minimise } = useChatActions();
	const name = useVisitorName(talk.visitor);
	const root = useRef<HTMLElement>(null);
	useEscape(root, () => minimise(talk.conversation));
	return (
		<section class="box" ref={root} aria-label={name} data-conversation={talk.conversation}>
			<WindowHead talk={talk} />
			<Conversation talk={talk} />
		</section>
	);
}

/** A box from before the reload may be of a chat that the welcome did not name: it is followed, or put away when it is gone. */
function useKnown(conversation: string): void {
	const { boxes, conversations, live } = useStores();
	const known = conversations.thread(conversation)?.state != null;
	const connected = live.phase.value === "live" && conversations.chat.value.connected;
	useEffect(() => {
		if (known || !connected) return;
		conversations.follow(conversation).catch((problem: { code?: string }) => {
			if (problem.code === "not_found") boxes.change((state) => dismiss(state, conversation));
		});
	}, [known, connected, conversation, conversations, boxes]);
}
