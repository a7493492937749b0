import "./WaitingLine.css";
import { Icon } from "@palique/ui/Icon";
import { dateAndTime } from "@palique/ui/time";
import type { ComponentChildren } from "preact";
import { useStores } from "../../StoresContext";
import { elapsed } from "../../texts/elapsed";
import { useText } from "../../texts/useText";

interface Props {
	visitor: string;
	/** Shown for a visitor whose waiting chat is not known. */
	children?: ComponentChildren;
}

/** Since when a visitor waits for an agent, and the first line that the visitor wrote. */
export function WaitingLine({ visitor, children }: Props) {
	const { conversations, otherChats, clock } = useStores();
	const t = useText();
	const chat = conversations.openWith(visitor) ?? otherChats.waitingOf(visitor);
	if (chat?.status !== "waiting") return <>{children}</>;
	return (
		<span class="waiting-line small">
			<Icon name="clock" size={13} />
			<time dateTime={chat.startedAt} title={dateAndTime(chat.startedAt, t.language)}>
				{elapsed(t, chat.startedAt, clock.now.value)}
			</time>
			<span class="cut" dir="auto" title={chat.lastText ?? ""}>
				{chat.lastText ?? t("no_message")}
			</span>
		</span>
	);
}
