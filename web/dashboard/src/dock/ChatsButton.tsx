import { Icon } from "@palique/ui/Icon";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";
import { toggleList } from "../windows/windowLayout";

/** Opens and closes the list of chats; leftmost in the bar (S-46). */
export function ChatsButton() {
	const { windows, conversations, chatList } = useStores();
	const t = useText();
	const { list, listHeld } = windows.screenLayout.value;
	const open = list !== "closed";
	const waiting = conversations.waitingCount.value;
	const unread = conversations.unread.value;
	// The list beside a maximised window stays: the button leads to its filter.
	const toggle = () => (listHeld ? chatList.showList() : windows.change(toggleList));
	return (
		<div class="chats">
			<button
				type="button"
				class={open ? "tab-open chats-open" : "tab-open"}
				aria-expanded={open}
				onClick={toggle}
			>
				<Icon name="menu" size={16} />
				<span class="chats-title">{t("chats_title")}</span>
				{waiting > 0 ? (
					<span class="badge badge-strong" title={t.count("waiting_chats", waiting)}>
						{waiting}
						<span class="visually-hidden"> {t("state_waiting")}</span>
					</span>
				) : null}
				{unread > 0 ? (
					<span class="badge" title={t.count("unread_messages", unread)}>
						{unread}
						<span class="visually-hidden"> {t("unread_word")}</span>
					</span>
				) : null}
			</button>
		</div>
	);
}
