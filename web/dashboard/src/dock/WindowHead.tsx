import { Avatar } from "@palique/ui/Avatar";
import { ActionsMenu } from "../chats/ActionsMenu";
import type { ChatSummary } from "../chats/chatSummary";
import { useChatActions } from "../chats/useChatActions";
import { useVisitorName } from "../chats/useVisitorName";
import { IconButton } from "../parts/Button";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";
import { CloseWindowButton } from "./CloseWindowButton";

/** Title bar of a compact window: visitor and controls (S-43, S-44). */
export function WindowHead({ chat }: { chat: ChatSummary }) {
	const { router } = useStores();
	const t = useText();
	const { minimise, maximise } = useChatActions();
	const { conversation, visitor } = chat;
	const name = useVisitorName(visitor);
	return (
		<header class="box-head">
			<ActionsMenu chat={chat} compact />
			<button
				type="button"
				class="box-who"
				title={t("visitor_open", { name: name })}
				onClick={() => router.openVisitor(visitor.id)}
			>
				<Avatar name={name} seed={visitor.id} size={26} />
				<span class="box-names">
					<span class="cut box-name" dir="auto">
						{name}
					</span>
					<StatusLine chat={chat} />
				</span>
			</button>
			<IconButton icon="minimise" size={16} label={t("minimise")} onClick={() => minimise(conversation)} />
			<IconButton icon="maximise" size={16} label={t("maximise")} onClick={() => maximise(conversation)} />
			<CloseWindowButton chat={chat} size={16} />
		</header>
	);
}

/** The chat's status in a few words. */
export function StatusLine({ chat }: { chat: ChatSummary }) {
	const t = useText();
	const text =
		chat.status === "waiting"
			? t("state_waiting")
			: chat.status === "closed"
				? t("status_ended")
				: chat.mine
					? t("with_you")
					: t("with_agent", { name: chat.assignee?.name ?? t("someone") });
	return <span class={`talk-line talk-${chat.status} cut`}>{text}</span>;
}
