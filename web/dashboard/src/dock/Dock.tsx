import "./Dock.css";
import { useEffect, useState } from "preact/hooks";
import { useNarrow } from "../parts/useNarrow";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";
import { type ChatWindow, fit } from "../windows/windowLayout";
import { ChatsWindow } from "./ChatsWindow";
import { DockItem } from "./DockItem";

// Pixels: side panel plus main chat window, and one compact window.
const RESERVED_WIDTH = 272 + 200;
const WINDOW_WIDTH = 352;
// Pixels: smallest readable tab.
const MIN_TAB_WIDTH = 112;

/** Bar at the bottom with the main chat window and a window for each chat (S-35, S-45, S-46). */
export function Dock() {
	const { windows } = useStores();
	const t = useText();
	const state = windows.layout;
	const width = useWidth();
	useFitWindows(width);
	// Next to a maximised window all others are minimised.
	const alone = state.boxes.some((chatWindow) => chatWindow.view === "maximised");
	// On a phone an open window fills the screen.
	const narrow = useNarrow();
	const compact = alone ? "minimised" : narrow ? "maximised" : "compact";
	const shownWindows = state.boxes.map((chatWindow) =>
		chatWindow.view === "compact" ? ({ ...chatWindow, view: compact } as const) : chatWindow,
	);
	return (
		<section class="dock" aria-label={t("dock")}>
			<ChatsWindow />
			<ul class="dock-boxes">
				{visibleWindows(
					shownWindows,
					state.recent,
					narrow ? Number.POSITIVE_INFINITY : width - RESERVED_WIDTH,
				).map((chatWindow) => (
					<li key={chatWindow.conversation} class={`dock-item dock-${chatWindow.view}`}>
						<DockItem chatWindow={chatWindow} />
					</li>
				))}
			</ul>
		</section>
	);
}

/** Tabs that do not fit are left out, least recently used first; the list of chats still has them. */
function visibleWindows(
	windows: readonly ChatWindow[],
	recent: readonly string[],
	width: number,
): readonly ChatWindow[] {
	const compact = windows.filter((chatWindow) => chatWindow.view === "compact").length;
	const room = Math.max(1, Math.floor((width - compact * WINDOW_WIDTH) / MIN_TAB_WIDTH));
	const tabs = windows
		.filter((chatWindow) => chatWindow.view !== "compact")
		.map((chatWindow) => chatWindow.conversation);
	const maximised = windows.find((chatWindow) => chatWindow.view === "maximised")?.conversation;
	const byUse = recent.filter((id) => tabs.includes(id) && id !== maximised);
	const shown = new Set([...(maximised ? [maximised] : []), ...byUse].slice(0, room));
	return windows.filter((chatWindow) => chatWindow.view === "compact" || shown.has(chatWindow.conversation));
}

function useWidth(): number {
	const [width, setWidth] = useState(window.innerWidth);
	useEffect(() => {
		const follow = () => setWidth(window.innerWidth);
		window.addEventListener("resize", follow);
		return () => window.removeEventListener("resize", follow);
	}, []);
	return width;
}

/** Minimises the least recently used compact windows when the width is too small. */
function useFitWindows(width: number): void {
	const { windows } = useStores();
	const state = windows.layout;
	useEffect(() => {
		const room = Math.max(1, Math.floor((width - RESERVED_WIDTH) / WINDOW_WIDTH));
		windows.change((before) => fit(before, room));
	}, [windows, state, width]);
}
