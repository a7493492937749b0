import "./Dock.css";
import { useEffect } from "preact/hooks";
import { useNarrow } from "../parts/useNarrow";
import { useStores, useText } from "../stores";
import { BoxItem } from "./BoxItem";
import { fit } from "./boxes";
import { ChatsWindow } from "./ChatsWindow";

// Pixels: what the panel and the main chat window take, and what one compact box needs.
const BESIDE = 272 + 200;
const BOX = 352;

/** The bar at the bottom: the main chat window left-most, then a box for each chat (S-35, S-45, S-46). */
export function Dock() {
	const { boxes } = useStores();
	const t = useText();
	const state = boxes.boxes;
	useRoom();
	// Beside a maximised window the others are one click away, and only that.
	const alone = state.boxes.some((box) => box.view === "maximised");
	// On a phone there is no beside: what is open takes the screen.
	const narrow = useNarrow();
	const compact = alone ? "minimised" : narrow ? "maximised" : "compact";
	const boxesShown = state.boxes.map((box) =>
		box.view === "compact" ? ({ ...box, view: compact } as const) : box,
	);
	return (
		<section class="dock" aria-label={t("dock")}>
			<ChatsWindow />
			<ul class="dock-boxes">
				{boxesShown.map((box) => (
					<li key={box.conversation} class={`dock-item dock-${box.view}`}>
						<BoxItem box={box} />
					</li>
				))}
			</ul>
		</section>
	);
}

/** Boxes that no longer fit beside each other are minimised, the least used first. */
function useRoom(): void {
	const { boxes } = useStores();
	const state = boxes.boxes;
	useEffect(() => {
		const settle = () => {
			const room = Math.max(1, Math.floor((window.innerWidth - BESIDE) / BOX));
			boxes.change((before) => fit(before, room));
		};
		settle();
		window.addEventListener("resize", settle);
		return () => window.removeEventListener("resize", settle);
	}, [boxes, state]);
}
