import { afterEach, expect, test, vi } from "vitest";
import { ServerClock, uptime } from "../src/clock";

const NOON = Date.parse("2026-03-01T12:00:00.000Z");
const HOUR = 3_600_000;

afterEach(() => {
	vi.useRealTimers();
});

test.each([30 * HOUR, -30 * HOUR, 0])("a device %d ms off shows the server's time, and goes on", (off) => {
	vi.useFakeTimers({ now: NOON + off });
	const clock = new ServerClock();
	clock.correct("2026-03-01T12:00:00.000Z");
	expect(clock.now()).toBe(NOON);
	vi.advanceTimersByTime(90_000);
	expect(clock.now()).toBe(NOON + 90_000);
});

test("the next correction undoes a change of the device's clock, which moves no wait", () => {
	vi.useFakeTimers({ now: NOON });
	const clock = new ServerClock();
	const before = uptime();
	vi.setSystemTime(NOON - 30 * HOUR);
	expect(uptime()).toBe(before);
	clock.correct("2026-03-01T12:00:00.000Z");
	expect(clock.now()).toBe(NOON);
});

test("within its tolerance a rough time changes nothing, and no other text does", () => {
	vi.useFakeTimers({ now: NOON });
	const clock = new ServerClock();
	for (const rough of [
		"Sun, 01 Mar 2026 11:59:56 GMT",
		"Sun, 01 Mar 2026 12:00:05 GMT",
		"",
		"soon",
		null,
		undefined,
	])
		clock.correct(rough, 5_000);
	expect(clock.now()).toBe(NOON);
	clock.correct("Sat, 28 Feb 2026 06:00:00 GMT", 5_000);
	expect(clock.now()).toBe(NOON - 30 * HOUR);
});
