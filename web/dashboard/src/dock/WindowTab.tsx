import { Icon } from "@palique/ui/Icon";
import type { ChatSummary } from "../chats/chatSummary";
import { useChatActions } from "../chats/useChatActions";
import { IconButton } from "../parts/Button";
import { useText } from "../StoresContext";
import { useVisitorName } from "../visitors/profile/useVisitorName";

/** A minimised chat in the bar: a click opens it ready to write (S-45, S-47). */
export function WindowTab({ talk }: { talk: ChatSummary }) {
	const t = useText();
	const { show, putAway } = useChatActions();
	const name = useVisitorName(talk.visitor);
	const running = talk.mine && talk.status === "active";
	return (
		<div class={talk.unread > 0 ? "tab tab-unread" : "tab"} data-conversation={talk.conversation}>
			<button type="button" class="tab-open" title={name} onClick={() => show(talk.conversation)}>
				<TalkIcon talk={talk} />
				<span class="cut">{name}</span>
				{talk.unread > 0 ? (
					<span class="badge badge-strong">
						{talk.unread}
						<span class="visually-hidden"> {t("unread_word")}</span>
					</span>
				) : null}
			</button>
			{running ? null : (
				<IconButton
					icon="close"
					size={15}
					label={t("put_away", { name: name })}
					onClick={() => putAway(talk.conversation)}
				/>
			)}
		</div>
	);
}

export function TalkIcon({ talk }: { talk: ChatSummary }) {
	const t = useText();
	if (talk.status === "closed") return <Icon name="check" size={16} label={t("status_ended")} />;
	if (talk.status === "waiting") return <Icon name="clock" size={16} label={t("state_waiting")} />;
	if (talk.typing) return <Icon name="edit" size={16} label={t("typing_short")} />;
	return <Icon name="chat" size={16} label={t("state_chatting")} />;
}
