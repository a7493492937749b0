/**
 * An open panel's needs in the host's page: Escape leaves it while nothing else of the page has the focus, and on a phone it fills
 * what the keyboard leaves free. The browser tells the frame itself of neither.
 */

/** Above it a person has zoomed in, and must be able to move over the panel. */
const ZOOMED = 1.01;

/** `leave` hides the panel where it is shown. */
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
	addEventListener("keydown", ({ key, isComposing, defaultPrevented }) => {
		const { activeElement } = document;
		const free = !activeElement || activeElement === document.body || activeElement === host;
		if (key === "Escape" && free && !isComposing && !defaultPrevented) leave();
	});
}
