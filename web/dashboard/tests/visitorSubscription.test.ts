import { describe, expect, it } from "vitest";
import {
	answer,
	connected,
	newSubscription,
	setWanted,
	type WindowRequest,
} from "../src/visitors/list/visitorSubscription";

const first: WindowRequest = {
	sort: "since",
	descending: true,
	filter: {},
	offset: 0,
	limit: 100,
	language: "es",
};
const second: WindowRequest = { ...first, offset: 100 };
const third: WindowRequest = { ...first, offset: 200 };

describe("watch", () => {
	it("sends the request when connected, and again after a reconnect", () => {
		const start = connected(newSubscription(first));
		expect(start.pending).toEqual(first);
		const moved = setWanted(answer(start).subscription, second).subscription;
		expect(connected(moved)).toEqual({ wanted: second, pending: second, answered: null });
	});

	it("has one pending request and skips outdated ones", () => {
		const start = connected(newSubscription(first));
		const waiting = setWanted(setWanted(start, second).subscription, third);
		expect(waiting.send).toBeNull();
		const next = answer(waiting.subscription);
		expect(next.subscription.answered).toEqual(first);
		expect(next.send).toEqual(third);
	});

	it("does not repeat an answered request", () => {
		const settled = answer(connected(newSubscription(first))).subscription;
		expect(setWanted(settled, { ...first }).send).toBeNull();
	});
});
