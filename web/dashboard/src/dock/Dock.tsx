import "./Dock.css";
import { useEffect, useState } from "preact/hooks";
import { useNarrow } from "../parts/useNarrow";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";
import { type ChatWindow, fit } from "../windows/windowLayout";
import { ChatsWindow } from "./ChatsWindow";
import { DockItem } from "./DockItem";

// Pixels: side panel plus main chat window, and one compact window.
const BESIDE = 272 + 200;
const BOX = 352;
// Pixels: smallest readable tab.
const TAB = 112;

/** Bar at the bottom with the main chat window and a window for each chat (S-35, S-45, S-46). */
export function Dock() {
	const { windows } = useStores();
	const t = useText();
	const state = windows.layout;
	const width = useWidth();
	useRoom(width);
	// Next to a maximised window all others are minimised.
	const alone = state.boxes.some((box) => box.view === "maximised");
	// On a phone an open window fills the screen.
	const narrow = useNarrow();
	const compact = alone ? "minimised" : narrow ? "maximised" : "compact";
	const boxesShown = state.boxes.map((box) =>
		box.view === "compact" ? ({ ...box, view: compact } as const) : box,
	);
	return (
		<section class="dock" aria-label={t("dock")}>
			<ChatsWindow />
			<ul class="dock-boxes">
				{inSight(boxesShown, state.recent, narrow ? Number.POSITIVE_INFINITY : width - BESIDE).map((box) => (
					<li key={box.conversation} class={`dock-item dock-${box.view}`}>
						<DockItem box={box} />
					</li>
				))}
			</ul>
		</section>
	);
}

/** Tabs that do not fit are left out, least recently used first; the list of chats still has them. */
function inSight(
	windows: readonly ChatWindow[],
	recent: readonly string[],
	width: number,
): readonly ChatWindow[] {
	const compact = windows.filter((box) => box.view === "compact").length;
	const room = Math.max(1, Math.floor((width - compact * BOX) / TAB));
	const tabs = windows.filter((box) => box.view !== "compact").map((box) => box.conversation);
	const maximised = windows.find((box) => box.view === "maximised")?.conversation;
	const byUse = recent.filter((id) => tabs.includes(id) && id !== maximised);
	const shown = new Set([...(maximised ? [maximised] : []), ...byUse].slice(0, room));
	return windows.filter((box) => box.view === "compact" || shown.has(box.conversation));
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
function useRoom(width: number): void {
	const { windows } = useStores();
	const state = windows.layout;
	useEffect(() => {
		const room = Math.max(1, Math.floor((width - BESIDE) / BOX));
		windows.change((before) => fit(before, room));
	}, [windows, state, width]);
}
