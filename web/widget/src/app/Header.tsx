import type { ConversationState, FoldedConversation } from "@palique/client";
import { Avatar, photoOf } from "@palique/ui/Avatar";
import { Icon } from "@palique/ui/Icon";
import type { ChatStore, SiteState } from "./ChatStore";
import type { Say } from "./language";

interface Props {
	store: ChatStore;
	/** State of the running chat, if any. */
	standing: FoldedConversation | ConversationState | null;
	onEnd: () => void;
	say: Say;
}

/** Header: agent or site, status, and the buttons to end and to minimise. */
export function Header({ store, standing, onEnd, say }: Props) {
	const agent = standing?.assignee ?? null;
	const { site, around } = store;
	const title = around?.site.texts?.[say.texts]?.title || around?.site.name || say("title");
	const name = agent?.name ?? title;
	return (
		<header class="header">
			<div class="face">
				<Avatar name={name} seed={agent?.id ?? name} photo={agent && photoOf(agent.id)} size={40} />
				{site ? <span class={site.online ? "dot online" : "dot"} /> : null}
			</div>
			<div class="who">
				<h1>{name}</h1>
				<p role="status">{stateText(site, standing, agent !== null, say)}</p>
			</div>
			{standing ? (
				<button
					type="button"
					class="quiet"
					onClick={onEnd}
					title={say("end")}
					disabled={!store.chat.connected}
				>
					<Icon name="leave" label={say("end")} />
				</button>
			) : null}
			<button type="button" class="quiet" onClick={() => store.minimise()} title={say("minimise")}>
				<Icon name="down" label={say("minimise")} />
			</button>
		</header>
	);
}

function stateText(
	site: SiteState | null,
	standing: Props["standing"],
	withAgent: boolean,
	say: Say,
): string {
	if (withAgent) return say("with_agent");
	if (site && !site.online) return say("offline");
	if (!standing) return site ? say("online") : "";
	const position = site?.queuePosition ?? 0;
	if (position === 1) return say("waiting_next");
	return position > 1 ? say("waiting_position", { n: position }) : say("waiting");
}
