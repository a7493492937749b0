/** Watches address, title and referrer of the visitor's page; nothing else of it is read (W-05). */
import type { Page } from "@palique/client";

/** Maximum length of address, referrer and title; longer ones are cut. */
const MAX_LENGTH = 2_000;
/**
 * Interval at which address and title are compared (ms): short enough to show a navigation within a second, and a limit for pages
 * that change their address constantly. Wrapping the host's `history` would break other wrappers of it.
 */
const INTERVAL = 400;

/** Calls back after each navigation or change of title; returns a function that returns the current page. */
export function watchPage(changed: (page: Page) => void): () => Page {
	let page: Required<Page>;

	function update(): boolean {
		const url = cut(location.href);
		const title = cut(document.title);
		const moved = page?.url !== url;
		if (!moved && page.title === title) return false;
		page = { url, title, referrer: moved ? (page?.url ?? cut(document.referrer)) : page.referrer };
		return true;
	}

	update();
	setInterval(() => update() && changed(page), INTERVAL);
	return () => page;
}

function cut(text: string): string {
	return text.slice(0, MAX_LENGTH);
}
