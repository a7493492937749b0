import "./Dock.css";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";
import { tabsThatFit } from "../windows/screenLayout";
import { ChatsButton } from "./ChatsButton";
import { WindowTab } from "./WindowTab";

/** Bar at the bottom with the button of the chat list and a tab for each minimised chat (S-45, S-46). */
export function Dock() {
	const { windows, conversations } = useStores();
	const t = useText();
	const tabs = windows.screenLayout.value.windows.filter(({ view }) => view !== "compact");
	const shown = tabsThatFit(tabs, windows.layout.recent, windows.screen.value);
	return (
		<section class="dock" aria-label={t("dock")}>
			<ChatsButton />
			<ul class="dock-tabs">
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
		</section>
	);
}
