import { Button } from "../parts/Button";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";

/** Opens the own chat with unread messages that has waited longest; nothing without one. */
export function NextUnread() {
	const { chatList } = useStores();
	const t = useText();
	const count = chatList.unreadChats.value;
	if (count === 0) return null;
	return (
		<Button small kind="quiet" onClick={() => chatList.showNextUnread()}>
			{t("next_unread")} <span class="badge badge-strong">{count}</span>
		</Button>
	);
}
