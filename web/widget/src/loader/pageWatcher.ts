/** The page that the visitor looks at: its address, title and referrer, and nothing else of it (W-05). */
import type { Page } from "@palique/client";

/** Longest address, referrer and title that are told; the rest says nothing to a person. */
const LONGEST = 2_000;
/**
 * How often address and title are compared (ms): well below the second in which agents see a navigation, and the bound for pages
 * that rewrite their address all the time. Wrapping the host's `history` would be quicker, and breaks other wrappers of it.
 */
const PACE = 400;

/** Calls back after each navigation and change of title; returns the current page. */
export function watchPage(changed: (page: Page) => void): () => Page {
	let page: Required<Page>;

	function look(): boolean {
		const url = cut(location.href);
		const title = cut(document.title);
		const moved = page?.url !== url;
		if (!moved && page.title === title) return false;
		page = { url, title, referrer: moved ? (page?.url ?? cut(document.referrer)) : page.referrer };
		return true;
	}

	look();
	setInterval(() => look() && changed(page), PACE);
	return () => page;
}

function cut(text: string): string {
	return text.slice(0, LONGEST);
}
