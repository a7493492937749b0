import { describe, expect, it } from "vitest";
import {
	answer,
	connected,
	type WindowRequest,
	want,
	watching,
} from "../src/visitors/list/visitorSubscription";

const first: WindowRequest = { sort: "since", descending: true, filter: {}, offset: 0, limit: 100 };
const second: WindowRequest = { ...first, offset: 100 };
const third: WindowRequest = { ...first, offset: 200 };

describe("watch", () => {
	it("sends the request when connected, and again after a reconnect", () => {
		const start = connected(watching(first));
		expect(start.ask).toEqual(first);
		expect(connected(start.watch).ask).toEqual(first);
	});

	it("has one pending request and skips outdated ones", () => {
		const start = connected(watching(first)).watch;
		const waiting = want(want(start, second).watch, third);
		expect(waiting.ask).toBeNull();
		const next = answer(waiting.watch);
		expect(next.watch.answered).toEqual(first);
		expect(next.ask).toEqual(third);
	});

	it("does not repeat an answered request", () => {
		const settled = answer(connected(watching(first)).watch).watch;
		expect(want(settled, { ...first }).ask).toBeNull();
	});
});
