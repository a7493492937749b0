import { describe, expect, it } from "vitest";
import type { Comment, Ticket, TicketChange } from "../src/api/shapes";
import { countActive, restoreFilters } from "../src/filters/model";
import { ALL_LOGS, logFilter, MORE_LOG_FIELDS } from "../src/logs/logFilter";
import { countries } from "../src/texts/countries";
import { conflictsOf } from "../src/tickets/conflict";
import { ALL_TICKETS, ticketFilter } from "../src/tickets/ticketFilter";
import { timeline, withComment } from "../src/tickets/timeline";

describe("filters of chat logs (S-12)", () => {
	it("empty filters give an empty query", () => {
		expect(logFilter(ALL_LOGS)).toEqual({});
		expect(logFilter({ ...ALL_LOGS, text: "  ", person: " " })).toEqual({});
	});

	it("query whole days in the reader's time zone, and trimmed texts", () => {
		const asked = logFilter({
			text: " teapot ",
			person: "ana@shop.test",
			from: "2026-06-01",
			to: "2026-06-01",
			agent: "a1",
			country: "ES",
			flagged: "true",
		});
		const { from = "", to = "", ...others } = asked;
		expect(others).toEqual({
			text: "teapot",
			person: "ana@shop.test",
			agent: "a1",
			country: "ES",
			flagged: true,
		});
		expect(Date.parse(to) - Date.parse(from)).toBe(86_400_000 - 1);
	});

	it("count the active ones behind the button", () => {
		expect(countActive({ ...ALL_LOGS, text: "x", agent: "a", flagged: "true" }, MORE_LOG_FIELDS)).toBe(2);
	});
});

describe("filters that a tab stored", () => {
	it.each([null, 7, "x", [], { text: 5 }, { other: "x" }])("%j restores empty filters", (kept) => {
		expect(restoreFilters(kept, ALL_LOGS)).toEqual(ALL_LOGS);
	});

	it("are restored", () => {
		expect(restoreFilters({ text: "teapot", agent: 1, other: "x" }, ALL_LOGS)).toEqual({
			...ALL_LOGS,
			text: "teapot",
		});
	});
});

describe("filters of tickets (S-51)", () => {
	it("query known values only", () => {
		expect(ticketFilter(ALL_TICKETS)).toEqual({});
		expect(ticketFilter({ text: " #12 ", status: "open", priority: "high", assignee: "none" })).toEqual({
			text: "#12",
			status: "open",
			priority: "high",
			assignee: "none",
		});
		expect(ticketFilter({ text: "", status: "waiting", priority: "$ne", assignee: "" })).toEqual({});
	});
});

describe("countries", () => {
	it("are all of today's, sorted by name in the agent's language", () => {
		const spanish = countries("es");
		expect(spanish).toContainEqual({ value: "DE", text: "Alemania" });
		expect(spanish.filter(({ text }) => text === "Alemania")).toHaveLength(1);
		expect(spanish.map(({ value }) => value)).not.toContain("EU");
		expect(spanish.length).toBeGreaterThan(240);
		expect(spanish.length).toBeLessThan(270);
		const names = countries("en").map(({ text }) => text);
		expect(names.indexOf("Austria")).toBeLessThan(names.indexOf("Spain"));
	});
});

const by = { kind: "agent", id: "a", name: "Ana" } as const;
const comment = (id: string, at: string): Comment => ({ id, text: id, author: by, at });
const change = (field: string, at: string): TicketChange => ({ by, at, field, before: "", after: "" });

describe("a ticket's activity (S-51)", () => {
	it("is newest first, comments between changes", () => {
		const shown = timeline([change("status", "2"), change("subject", "4")], [comment("c", "3")], false);
		expect(shown.map(({ at }) => at)).toEqual(["4", "3", "2"]);
	});

	it("holds old changes back until the comments of that time are loaded", () => {
		const shown = timeline([change("status", "1"), change("subject", "4")], [comment("c", "3")], true);
		expect(shown.map(({ at }) => at)).toEqual(["4", "3"]);
	});

	it("gives two changes of one moment different keys", () => {
		const keys = timeline([change("status", "1"), change("subject", "1")], [], false).map(({ key }) => key);
		expect(new Set(keys).size).toBe(2);
	});

	it("shows a comment once, also when a page contains it", () => {
		const old = [comment("b", "2"), comment("a", "1")];
		expect(withComment(old, comment("b", "2")).map(({ id }) => id)).toEqual(["b", "a"]);
		expect(withComment(old, comment("c", "3")).map(({ id }) => id)).toEqual(["c", "b", "a"]);
	});
});

describe("concurrent changes of one ticket (S-59)", () => {
	const current = {
		subject: "Drips",
		status: "solved",
		priority: "high",
		assignee: { id: "b", name: "Ben" },
	} as Ticket;

	it("show both values where they differ", () => {
		expect(conflictsOf(current, { status: "pending" })).toEqual([
			{ field: "status", mine: "pending", theirs: "solved" },
		]);
		expect(conflictsOf(current, { assignee: null })).toEqual([{ field: "assignee", mine: "", theirs: "b" }]);
	});

	it("do not conflict where both values are equal or the field was not changed", () => {
		expect(conflictsOf(current, { status: "solved" })).toEqual([]);
		expect(conflictsOf(current, {})).toEqual([]);
	});
});
