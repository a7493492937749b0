import "./StateIcon.css";
import type { VisitorRow } from "@palique/client";
import { Icon, type IconName } from "@palique/ui/Icon";
import { useText } from "../../StoresContext";
import type { TextKey } from "../../texts/LanguageStore";

type State = VisitorRow["state"];

const ICONS: Readonly<Record<State, IconName>> = {
	browsing: "eye",
	chatting: "chat",
	waiting: "clock",
	idle: "moon",
};

export const STATE_TEXTS: Readonly<Record<State, TextKey>> = {
	browsing: "state_browsing",
	chatting: "state_chatting",
	waiting: "state_waiting",
	idle: "state_idle",
};

/** The icon before a visitor's name (S-37, S-38, S-39), with its meaning for screen readers and as a tooltip. */
export function StateIcon({ state, size = 18 }: { state: State; size?: number }) {
	const t = useText();
	// A state to come is shown as one who is there.
	const known: State = state in ICONS ? state : "browsing";
	const text = t(STATE_TEXTS[known]);
	return (
		<span class={`state-icon state-${known}`} title={text} data-state={known}>
			<Icon name={ICONS[known]} size={size} label={text} />
		</span>
	);
}
