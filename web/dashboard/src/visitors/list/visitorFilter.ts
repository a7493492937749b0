/** What an agent narrows the visitor list to, and what of it the gateway is asked. Pure. */
import type { VisitorFilter, VisitorRow } from "@palique/client";

export interface Wishes {
	readonly text: string;
	readonly state: VisitorRow["state"] | "";
	readonly page: string;
	/** ISO 3166, two letters; empty: all. */
	readonly country: string;
	readonly minVisits: number;
	readonly minChats: number;
	/** Minutes. */
	readonly minOnPage: number;
	readonly minOnSite: number;
}

export const NO_WISHES: Wishes = {
	text: "",
	state: "",
	page: "",
	country: "",
	minVisits: 0,
	minChats: 0,
	minOnPage: 0,
	minOnSite: 0,
};

/** Only what narrows: two ways to ask the same are the same question. */
export function filterOf(wishes: Wishes): VisitorFilter {
	const { text, state, page, country, minVisits, minChats, minOnPage, minOnSite } = wishes;
	return {
		...(text.trim() ? { text: text.trim() } : {}),
		...(state ? { state } : {}),
		...(page.trim() ? { page: page.trim() } : {}),
		...(country ? { country } : {}),
		...(minVisits > 0 ? { min_visits: minVisits } : {}),
		...(minChats > 0 ? { min_chats: minChats } : {}),
		...(minOnPage > 0 ? { min_on_page_s: minOnPage * 60 } : {}),
		...(minOnSite > 0 ? { min_on_site_s: minOnSite * 60 } : {}),
	};
}

/** How many of them narrow the list. */
export function wishesOf(wishes: Wishes): number {
	return Object.keys(filterOf(wishes)).length;
}
