import { Avatar } from "@palique/ui/Avatar";
import { useEffect } from "preact/hooks";
import type { ChatItem } from "../api/shapes";
import { useChatActions } from "../chats/useChatActions";
import { useLoad } from "../parts/useLoad";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";
import { useVisitorName } from "../visitors/profile/useVisitorName";

// The server sends no frames for other agents' chats, so the list is polled.
const POLL_MS = 10_000;

/** Running chats of other agents. */
export function Colleagues() {
	const { api, conversations } = useStores();
	const t = useText();
	const loaded = useLoad((signal) => api.chats({ status: "active" }, null, signal), []);
	const { reload } = loaded;
	useEffect(() => {
		const timer = setInterval(reload, POLL_MS);
		return () => clearInterval(timer);
	}, [reload]);

	const mine = new Set(conversations.mine.value.map((chat) => chat.conversation));
	const others = (loaded.value?.items ?? []).filter(
		({ conversation }) => !mine.has(conversation) && !conversations.hasEnded(conversation),
	);
	if (others.length === 0) return null;
	return (
		<>
			<h3>{t("chats_others")}</h3>
			<ul>
				{others.map((item) => (
					<Row key={item.conversation} item={item} />
				))}
			</ul>
		</>
	);
}

function Row({ item }: { item: ChatItem }) {
	const { show } = useChatActions();
	const name = useVisitorName(item.visitor);
	return (
		<li class="chats-row">
			<button type="button" class="chats-pick" onClick={() => show(item.conversation)}>
				<Avatar name={name} seed={item.visitor.id} size={30} />
				<span class="chats-names">
					<span class="cut" dir="auto">
						{name}
					</span>
					<span class="cut muted small" dir="auto">
						{item.agents.map((agent) => agent.name).join(", ")}
					</span>
				</span>
			</button>
		</li>
	);
}
