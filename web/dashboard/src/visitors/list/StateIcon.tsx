import "./StateIcon.css";
import { Icon, type IconName } from "@palique/ui/Icon";
import type { VisitorState } from "@palique/ui/vocabulary";
import type { TextKey } from "../../texts/LanguageStore";
import { useText } from "../../texts/useText";

const ICONS: Readonly<Record<VisitorState, IconName>> = {
	browsing: "eye",
	chatting: "chat",
	waiting: "clock",
	idle: "moon",
};

export const STATE_TEXTS: Readonly<Record<VisitorState, TextKey>> = {
	browsing: "state_browsing",
	chatting: "state_chatting",
	waiting: "state_waiting",
	idle: "state_idle",
};

/** Icon of a visitor's state (S-37, S-38, S-39), with a tooltip and a text for screen readers. */
export function StateIcon({ state, size = 18 }: { state: VisitorState; size?: number }) {
	const t = useText();
	// A state that this version does not know is shown as browsing.
	const shown: VisitorState = state in ICONS ? state : "browsing";
	const text = t(STATE_TEXTS[shown]);
	return (
		<span class={`state-icon state-${shown}`} title={text} data-state={shown}>
			<Icon name={ICONS[shown]} size={size} label={text} />
		</span>
	);
}
