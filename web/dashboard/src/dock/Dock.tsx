import "./Dock.css";
import { useRef } from "preact/hooks";
import { useRovingFocus } from "../parts/useRovingFocus";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";
import { tabsThatFit } from "../windows/screenLayout";
import type { ChatWindow } from "../windows/windowLayout";
import { ChatsButton } from "./ChatsButton";
import { UnreadBadge } from "./UnreadBadge";
import { WindowTab } from "./WindowTab";

/** Bar at the bottom with the button of the chat list and a tab for each minimised chat (S-45, S-46). */
export function Dock() {
	const { windows, conversations } = useStores();
	const t = useText();
	const tabs = windows.screenLayout.value.windows.filter(({ view }) => view !== "compact");
	const shown = tabsThatFit(tabs, windows.layout.recent, windows.screen.value);
	const row = useRef<HTMLUListElement>(null);
	useRovingFocus(row, ".dock-tabs");
	return (
		<section class="dock" aria-label={t("dock")}>
			<ChatsButton />
			<ul class="dock-tabs" ref={row}>
				{shown.map(({ conversation, view }) => {
					const chat = conversations.chat(conversation);
					return (
						<li key={conversation} class="dock-tab">
							{chat ? (
								<WindowTab chat={chat} front={view === "maximised"} />
							) : (
								<span class="tab tab-coming" />
							)}
						</li>
					);
				})}
			</ul>
			{shown.length < tabs.length ? <MoreChats hidden={tabs.filter((tab) => !shown.includes(tab))} /> : null}
		</section>
	);
}

/** The number of chats without a tab; opens the list, which has every chat. */
function MoreChats({ hidden }: { hidden: readonly ChatWindow[] }) {
	const { conversations, chatList } = useStores();
	const t = useText();
	const unread = hidden.reduce(
		(sum, { conversation }) => sum + (conversations.chat(conversation)?.unread ?? 0),
		0,
	);
	const label = t("chats_more", { n: hidden.length });
	return (
		<button type="button" class="tab dock-more" title={label} onClick={() => chatList.showList()}>
			<span aria-hidden="true">+{hidden.length}</span>
			<span class="visually-hidden">{label}</span>
			<UnreadBadge count={unread} />
		</button>
	);
}
