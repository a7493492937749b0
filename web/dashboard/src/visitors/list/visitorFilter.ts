/** Converts the filter fields of the visitor list to a query of the gateway. Pure. */

import type { VisitorFilter } from "@palique/client";
import { hasVisibleText } from "@palique/ui/visible";
import { VISITOR_STATES } from "@palique/ui/vocabulary";
import type { Filters } from "../../filters/model";

/** Numbers are decimal texts; the fields of time are minutes. `country`: two letters of ISO 3166. */
export type VisitorField =
	| "text"
	| "state"
	| "page"
	| "country"
	| "minVisits"
	| "minChats"
	| "minOnPage"
	| "minOnSite";

export const ALL_VISITORS: Filters<VisitorField> = {
	text: "",
	state: "",
	page: "",
	country: "",
	minVisits: "",
	minChats: "",
	minOnPage: "",
	minOnSite: "",
};

/** Behind one button; text and state are always visible. */
export const MORE_VISITOR_FIELDS: readonly VisitorField[] = [
	"page",
	"country",
	"minVisits",
	"minChats",
	"minOnPage",
	"minOnSite",
];

/** Only active filters, so that equal filters give equal queries. */
export function visitorFilter(filters: Filters<VisitorField>): VisitorFilter {
	const { text, page, country, minVisits, minChats, minOnPage, minOnSite } = filters;
	const state = VISITOR_STATES.find((known) => known === filters.state);
	return {
		...(hasVisibleText(text) ? { text: text.trim() } : {}),
		...(state ? { state } : {}),
		...(hasVisibleText(page) ? { page: page.trim() } : {}),
		...(country ? { country } : {}),
		...(minVisits ? { min_visits: Number(minVisits) } : {}),
		...(minChats ? { min_chats: Number(minChats) } : {}),
		...(minOnPage ? { min_on_page_s: Number(minOnPage) * 60 } : {}),
		...(minOnSite ? { min_on_site_s: Number(minOnSite) * 60 } : {}),
	};
}
