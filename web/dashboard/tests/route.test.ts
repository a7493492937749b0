import { describe, expect, it } from "vitest";
import { href, parse, type Route } from "../src/routing/route";

describe("route", () => {
	const routes: Route[] = [
		{ page: "visitors" },
		{ page: "visitors", visitor: "a b/c?" },
		{ page: "start" },
		{ page: "logs" },
		{ page: "log", id: "c/1" },
		{ page: "log", id: "c1", at: 1501, visitor: "v1" },
		{ page: "tickets" },
		{ page: "ticket", id: "7", visitor: "v1" },
		{ page: "settings", part: "widget" },
	];

	it.each(routes)("parses the address that it writes: %j", (route) => {
		const [path = "", search = ""] = href(route).split("?");
		expect(parse(path, search)).toEqual(route);
	});

	it("shows the visitors at the root address", () => {
		expect(parse("/dashboard/", "")).toEqual({ page: "visitors" });
	});

	it.each(["/dashboard/nothing", "/dashboard/settings/x", "/dashboard/visitors/x", "/dashboard/logs/a/b"])(
		"knows no page at %s",
		(path) => {
			expect(parse(path, "")).toEqual({ page: "missing" });
		},
	);

	it.each(["0", "-1", "1e3", "x", "1234567890", ""])("ignores the entry %j", (at) => {
		expect(parse("/dashboard/logs/c1", `?at=${at}`)).toEqual({ page: "log", id: "c1" });
	});

	it("accepts a malformed escape", () => {
		expect(parse("/dashboard/logs/%E0%A4", "")).toEqual({ page: "log", id: "%E0%A4" });
	});
});
