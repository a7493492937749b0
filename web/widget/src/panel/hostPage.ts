/**
 * Events of the host's page that an open panel needs and the iframe does not get: Escape closes it unless the page has the focus,
 * and on a phone it fits above the keyboard.
 */
import { isComposing } from "@palique/ui/composition";

/** At a higher zoom the visitor must be able to pan over the panel. */
const ZOOMED = 1.01;

/** `leave` hides the panel. */
export function followHostPage(host: HTMLElement, leave: () => void): void {
	const view = window.visualViewport;

	function fit(): void {
		if (!view || view.scale > ZOOMED) return;
		host.style.setProperty("--palique-top", `${view.offsetTop}px`);
		host.style.setProperty("--palique-height", `${view.height}px`);
	}

	fit();
	view?.addEventListener("resize", fit);
	view?.addEventListener("scroll", fit);
	addEventListener("keydown", (event) => {
		const { activeElement } = document;
		const free = !activeElement || activeElement === document.body || activeElement === host;
		if (event.key === "Escape" && free && !isComposing(event) && !event.defaultPrevented) leave();
	});
}
