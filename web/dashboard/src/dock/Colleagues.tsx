import { Avatar } from "@palique/ui/Avatar";
import { useEffect } from "preact/hooks";
import type { ChatSummary } from "../chats/chatSummary";
import { useChatActions } from "../chats/useChatActions";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";
import { useVisitorName } from "../visitors/profile/useVisitorName";

/** Running chats of other agents. */
export function Colleagues() {
	const { colleagues, chatList } = useStores();
	const t = useText();
	useEffect(() => colleagues.watch(), [colleagues]);
	const others = chatList.groups.value.find(({ kind }) => kind === "colleagues")?.chats ?? [];
	if (others.length === 0) return null;
	return (
		<>
			<h3>{t("chats_others")}</h3>
			<ul>
				{others.map((chat) => (
					<Row key={chat.conversation} chat={chat} />
				))}
			</ul>
		</>
	);
}

function Row({ chat }: { chat: ChatSummary }) {
	const { show } = useChatActions();
	const name = useVisitorName(chat.visitor);
	return (
		<li class="chats-row">
			<button type="button" class="chats-pick" onClick={() => show(chat.conversation)}>
				<Avatar name={name} seed={chat.visitor.id} size={30} />
				<span class="chats-names">
					<span class="cut" dir="auto">
						{name}
					</span>
					<span class="cut muted small" dir="auto">
						{chat.assignee?.name}
					</span>
				</span>
			</button>
		</li>
	);
}
