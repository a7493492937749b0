import { expect, test } from "vitest";
import { filterOf, NO_WISHES, wishesOf } from "../src/visitors/list/visitorFilter";

test("only active filters are in the query", () => {
	expect(filterOf(NO_WISHES)).toEqual({});
	expect(filterOf({ ...NO_WISHES, text: "  ", page: " shoes " })).toEqual({ page: "shoes" });
	const all = {
		text: "a",
		state: "idle",
		page: "b",
		country: "ES",
		minVisits: 2,
		minChats: 1,
		minOnPage: 5,
		minOnSite: 60,
	} as const;
	expect(filterOf(all)).toEqual({
		text: "a",
		state: "idle",
		page: "b",
		country: "ES",
		min_visits: 2,
		min_chats: 1,
		min_on_page_s: 300,
		min_on_site_s: 3_600,
	});
	expect([wishesOf(NO_WISHES), wishesOf(all)]).toEqual([0, 8]);
});
