import { Icon } from "@palique/ui/Icon";
import { Menu } from "../parts/Menu";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";
import type { ChatSummary } from "./chatSummary";
import { useChatActions } from "./useChatActions";

interface Props {
	chat: ChatSummary;
	compact?: boolean;
}

/** Menu of a chat window (S-50 … S-53). */
export function ActionsMenu({ chat, compact }: Props) {
	const { chatList } = useStores();
	const t = useText();
	const { ticketFrom, viewLog, release, takeOver } = useChatActions();
	const id = chat.conversation;
	const items = [
		{
			text: t("action_ticket"),
			icon: "ticket" as const,
			shortcut: "ticket" as const,
			act: () => void ticketFrom(id),
		},
		{ text: t("action_log"), icon: "log" as const, act: () => viewLog(id) },
		...(chatList.mayRelease(chat)
			? [
					{
						text: t("action_release"),
						icon: "clock" as const,
						shortcut: "release" as const,
						act: () => void release(id),
					},
				]
			: []),
		...(chatList.mayTakeOver(chat)
			? [
					{
						text: t("action_take_over"),
						icon: "person" as const,
						shortcut: "take_over" as const,
						act: () => void takeOver(id),
					},
				]
			: []),
		{
			text: t("action_close"),
			icon: "leave" as const,
			danger: true,
			shortcut: "close_chat" as const,
			disabled: !chatList.mayClose(chat),
			act: () => chatList.askToClose(id),
		},
	];
	return (
		<Menu items={items} {...(compact ? { label: t("actions"), class: "icon-button" } : {})}>
			{compact ? <Icon name="more" size={20} /> : t("actions")}
			{compact ? null : <Icon name="down" size={15} />}
		</Menu>
	);
}
