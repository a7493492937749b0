import { Icon } from "@palique/ui/Icon";
import { useState } from "preact/hooks";
import { Button } from "../parts/Button";
import { Dialog } from "../parts/Dialog";
import { Menu } from "../parts/Menu";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";
import type { ChatSummary } from "./chatSummary";
import { useChatActions } from "./useChatActions";

interface Props {
	chat: ChatSummary;
	visitorName: string;
	compact?: boolean;
}

/** Menu of a chat window (S-50 … S-53). */
export function ActionsMenu({ chat, visitorName, compact }: Props) {
	const { session } = useStores();
	const t = useText();
	const { ticketFrom, viewLog, closeSession } = useChatActions();
	const [asking, setAsking] = useState(false);
	const id = chat.conversation;
	const state = session.state.value;
	const administrator = state.phase === "signedIn" && state.me.role === "administrator";
	const items = [
		{ text: t("action_ticket"), icon: "ticket" as const, act: () => void ticketFrom(id) },
		{ text: t("action_log"), icon: "log" as const, act: () => viewLog(id) },
		{
			text: t("action_close"),
			icon: "leave" as const,
			danger: true,
			disabled: chat.status === "closed" || !(chat.mine || administrator),
			act: () => setAsking(true),
		},
	];
	return (
		<>
			<Menu items={items} {...(compact ? { label: t("actions"), class: "icon-button" } : {})}>
				{compact ? <Icon name="more" size={20} /> : t("actions")}
				{compact ? null : <Icon name="down" size={15} />}
			</Menu>
			{asking ? (
				<CloseQuestion
					name={visitorName}
					cancel={() => setAsking(false)}
					close={() => {
						setAsking(false);
						void closeSession(id);
					}}
				/>
			) : null}
		</>
	);
}

function CloseQuestion({ name, cancel, close }: { name: string; cancel: () => void; close: () => void }) {
	const t = useText();
	return (
		<Dialog title={t("close_question", { name })} onClose={cancel}>
			<div class="question">
				<p>{t("close_consequence")}</p>
				<div class="question-answers">
					<Button kind="primary" onClick={close}>
						{t("action_close")}
					</Button>
					<Button onClick={cancel}>{t("cancel")}</Button>
				</div>
			</div>
		</Dialog>
	);
}
