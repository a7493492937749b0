import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { lazy } from "../src/parts/lazy";

beforeEach(() => {
	vi.useFakeTimers();
});
afterEach(() => {
	vi.useRealTimers();
});

it("loads the code of a page some seconds after the start, before an upgrade removes its file", () => {
	const load = vi.fn(async () => () => null);
	lazy(load);
	vi.advanceTimersByTime(9_000);
	expect(load).not.toHaveBeenCalled();
	vi.advanceTimersByTime(2_000);
	expect(load).toHaveBeenCalledOnce();
});

it("does not fail when the early load fails; the page asks again when it is shown", async () => {
	lazy(vi.fn().mockRejectedValue(new TypeError("Failed to fetch")));
	await vi.advanceTimersByTimeAsync(11_000);
});
