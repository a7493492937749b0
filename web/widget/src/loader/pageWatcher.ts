/** Watches address, title and referrer of the visitor's page, and whether it has the focus; nothing else of it is read (W-05). */
import type { Page } from "@palique/client";

/** Longer titles are cut. */
const MAX_TITLE = 2_000;
/** Ends a notice that the widget puts before the title (INVISIBLE SEPARATOR). */
export const TITLE_MARK = "\u2063";
/**
 * Interval at which address and title are compared (ms): short enough to show a navigation within a second, and a limit for pages
 * that change their address constantly. Wrapping the host's `history` would break other wrappers of it.
 */
const INTERVAL = 400;

/**
 * Calls back after each navigation or change of title, and when the page comes to the front; returns a function that returns the
 * current page. Leaving the front is not reported: the page that comes to the front replaces it.
 */
export function watchPage(changed: () => void): () => Required<Page> {
	let page: Required<Page>;

	function update(): void {
		const before: typeof page | undefined = page;
		const url = location.href;
		const title = (document.title.split(TITLE_MARK).pop() as string).slice(0, MAX_TITLE);
		// Also true while the widget's own frame has the focus.
		const front = document.hasFocus();
		const moved = before?.url !== url;
		page = { url, title, referrer: moved ? (before?.url ?? document.referrer) : before.referrer, front };
		if (before && (moved || before.title !== title || (front && !before.front))) changed();
	}

	update();
	// A visit to another tab may be shorter than the interval.
	addEventListener("focus", () => (page.front = false));
	setInterval(update, INTERVAL);
	return () => page;
}
