import { expect, test } from "vitest";
import { countActive } from "../src/filters/model";
import { ALL_VISITORS, MORE_VISITOR_FIELDS, visitorFilter } from "../src/visitors/list/visitorFilter";

test("only active filters are in the query", () => {
	expect(visitorFilter(ALL_VISITORS)).toEqual({});
	expect(visitorFilter({ ...ALL_VISITORS, text: "\u200b\u3164 ", page: " shoes " })).toEqual({
		page: "shoes",
	});
	const all = {
		text: "a",
		state: "idle",
		page: "b",
		country: "ES",
		minVisits: "2",
		minChats: "1",
		minOnPage: "5",
		minOnSite: "60",
	} as const;
	expect(visitorFilter(all)).toEqual({
		text: "a",
		state: "idle",
		page: "b",
		country: "ES",
		min_visits: 2,
		min_chats: 1,
		min_on_page_s: 300,
		min_on_site_s: 3_600,
	});
	expect(visitorFilter({ ...ALL_VISITORS, state: "unknown" })).toEqual({});
	expect([ALL_VISITORS, all].map((filters) => countActive(filters, MORE_VISITOR_FIELDS))).toEqual([0, 6]);
});
