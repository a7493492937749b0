import "./WaitingLine.css";
import { Icon } from "@palique/ui/Icon";
import type { ComponentChildren } from "preact";
import { Elapsed } from "../../parts/Elapsed";
import { useStores } from "../../StoresContext";
import { useText } from "../../texts/useText";

interface Props {
	visitor: string;
	/** Shown for a visitor whose waiting chat is not known. */
	children?: ComponentChildren;
}

/** Since when a visitor waits for an agent, and the first line that the visitor wrote. */
export function WaitingLine({ visitor, children }: Props) {
	const { conversations, otherChats } = useStores();
	const t = useText();
	const chat = conversations.openWith(visitor) ?? otherChats.waitingOf(visitor);
	if (chat?.status !== "waiting") return <>{children}</>;
	return (
		<span class="waiting-line small">
			<Icon name="clock" size={13} />
			<Elapsed since={chat.startedAt} />
			<span class="cut" dir="auto" title={chat.lastText ?? ""}>
				{chat.lastText ?? t("no_message")}
			</span>
		</span>
	);
}
