import "./MasterButton.css";
import { Icon } from "@palique/ui/Icon";
import { usePopup } from "../parts/usePopup";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";
import { OnlinePopup } from "./OnlinePopup";

/** Button at the bottom left of every page: visitors online and active chats (S-31, S-33); opens the list (S-34). */
export function MasterButton() {
	const { visitors, conversations } = useStores();
	const t = useText();
	const { open, toggle, close, root, button } = usePopup();
	const online = visitors.online.value;
	const known = conversations.state.value.me !== null;
	const active = conversations.mine.value.length;
	const waiting = conversations.waitingCount.value;
	const parts = [
		online === null ? t("loading") : t.count("visitors_online", online),
		...(known ? [t.count("active_chats", active)] : []),
		...(waiting > 0 ? [t.count("waiting_chats", waiting)] : []),
	];
	return (
		<div class="master" ref={root}>
			{open ? <OnlinePopup close={close} /> : null}
			<button
				ref={button}
				type="button"
				class={waiting > 0 ? "master-button master-calls" : "master-button"}
				aria-haspopup="dialog"
				aria-expanded={open}
				aria-label={`${t("master_button")}: ${parts.join(", ")}`}
				title={parts.join(" · ")}
				onClick={toggle}
			>
				<span class="master-label">{t("master_button")}</span>
				<span class="master-number" data-testid="master-online">
					<Icon name="eye" size={17} />
					<span class="number">{online?.toLocaleString(t.language) ?? "–"}</span>
				</span>
				<span class="master-number" data-testid="master-chats">
					<Icon name="chat" size={16} />
					<span class="number">{known ? active.toLocaleString(t.language) : "–"}</span>
				</span>
			</button>
		</div>
	);
}
