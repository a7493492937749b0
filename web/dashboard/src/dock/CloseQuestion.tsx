import type { ChatSummary } from "../chats/chatSummary";
import { useChatActions } from "../chats/useChatActions";
import { useVisitorName } from "../chats/useVisitorName";
import { Button } from "../parts/Button";
import { Dialog } from "../parts/Dialog";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";

/** Dialog before a chat ends (S-53), for the menu and the keyboard. */
export function CloseQuestion() {
	const { chatList, conversations } = useStores();
	const asked = chatList.asked.value;
	const chat = asked === null ? undefined : conversations.chat(asked);
	return chat && chatList.mayClose(chat) ? <Question key={asked} chat={chat} /> : null;
}

function Question({ chat }: { chat: ChatSummary }) {
	const { chatList } = useStores();
	const t = useText();
	const { closeSession } = useChatActions();
	const name = useVisitorName(chat.visitor);
	const cancel = () => chatList.answered();
	const close = () => {
		chatList.answered();
		void closeSession(chat.conversation);
	};
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
