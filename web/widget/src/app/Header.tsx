import type { ConversationState, FoldedConversation } from "@palique/client";
import { Avatar } from "@palique/ui/Avatar";
import { Icon } from "@palique/ui/Icon";
import type { ChatStore, SiteState } from "./ChatStore";
import type { T } from "./language";
import type { NoticeStore } from "./NoticeStore";
import { agentPhoto } from "./photo";

interface Props {
	store: ChatStore;
	/** State of the running chat, if any. */
	conversation: FoldedConversation | ConversationState | null;
	onEnd: () => void;
	notices: NoticeStore;
	t: T;
}

/** Header: agent or site, status, and the buttons to end, for the sound and to minimise. */
export function Header({ store, conversation, onEnd, notices, t }: Props) {
	const agent = conversation?.assignee ?? null;
	const { site, hostState } = store;
	const title = hostState?.site.texts?.[t.texts]?.title || hostState?.site.name || t("title");
	const name = agent?.name ?? title;
	return (
		<header class="header">
			<div class="face">
				<Avatar name={name} seed={agent?.id ?? name} photo={agent && agentPhoto(agent.id)} size={40} />
				{site ? <span class={site.online ? "dot online" : "dot"} /> : null}
			</div>
			<div class="who">
				<h1 dir="auto">{name}</h1>
				<p role="status">{stateText(site, conversation, agent !== null, t)}</p>
			</div>
			{conversation ? (
				<button type="button" class="quiet" onClick={onEnd} title={t("end")} disabled={!store.chat.connected}>
					<Icon name="leave" label={t("end")} />
				</button>
			) : null}
			<button
				type="button"
				class="quiet"
				onClick={() => notices.toggleSound()}
				title={t("sound")}
				aria-pressed={notices.sound}
			>
				<Icon name={notices.sound ? "bell" : "mute"} label={t("sound")} />
			</button>
			<button type="button" class="quiet" onClick={() => store.minimise()} title={t("minimise")}>
				<Icon name="down" label={t("minimise")} />
			</button>
		</header>
	);
}

function stateText(
	site: SiteState | null,
	conversation: Props["conversation"],
	withAgent: boolean,
	t: T,
): string {
	if (withAgent) return t("with_agent");
	if (site && !site.online) return t("offline");
	if (!conversation) return site ? t("online") : "";
	const position = site?.queuePosition ?? 0;
	if (position === 1) return t("waiting_next");
	return position > 1 ? t("waiting_position", { n: position }) : t("waiting");
}
