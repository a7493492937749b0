// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Session } from "../src/loader/session";
import { makeStorage } from "../src/loader/storage";
import type { Widget } from "../src/loader/widget";
import { onStopped } from "../src/panel/stopped";
import { SITE } from "./site";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function widget() {
	const host = document.createElement("palique-chat");
	document.documentElement.append(host);
	const link = { start: vi.fn() };
	const button = document.createElement("button");
	const frame = document.createElement("div");
	const store = makeStorage("demo");
	store.setToken("t");
	const session = { token: "t", site: SITE };
	const state = 4403;
	return {
		host,
		button,
		frame,
		link,
		store,
		session,
		shown: false,
		tell: vi.fn(),
		state,
	} as unknown as Widget;
}

test("a visitor without a chat loses the button, and gets it back when chat is on (S-03)", async () => {
	const one = widget();
	let turnOn = (_: Session) => {};
	const opened = new Promise<Session>((done) => {
		turnOn = done;
	});
	void onStopped(one, "site_disabled", () => opened);
	expect([one.host.isConnected, one.off]).toEqual([false, true]);
	await vi.advanceTimersByTimeAsync(5_000);
	expect(one.link.start).not.toHaveBeenCalled();
	turnOn({ token: "t", site: SITE });
	await vi.advanceTimersByTimeAsync(0);
	expect([one.host.isConnected, one.off, one.session.token]).toEqual([true, false, "t"]);
	expect(one.link.start).toHaveBeenCalledOnce();
});

test("chat that is on again does not take another tab's reset for consent (W-08)", async () => {
	const one = widget();
	const open = vi.fn(async () => ({ token: null, site: { ...SITE, consent: true } }));
	const stopped = onStopped(one, "site_disabled", open);
	localStorage.clear();
	await vi.advanceTimersByTimeAsync(5_000);
	await stopped;
	expect([open.mock.calls, one.host.isConnected]).toEqual([[[false]], false]);
	expect(one.link.start).not.toHaveBeenCalled();
});

test("a page that got no new token loses the button: the next one asks for consent (W-08)", async () => {
	const one = widget();
	one.state = 4401;
	await onStopped(one, "The visitor's token has ended.", vi.fn());
	expect(one.host.isConnected).toBe(true);
	one.session = { ...one.session, token: null };
	await onStopped(one, "The visitor's token has ended.", vi.fn());
	expect(one.host.isConnected).toBe(false);
});

test("any other refusal is for good", async () => {
	const one = widget();
	const open = vi.fn();
	await onStopped(one, "The page's origin is not one of the site's.", open);
	await vi.advanceTimersByTimeAsync(60_000);
	expect([one.host.isConnected, open.mock.calls.length]).toEqual([false, 0]);
});

test("a loaded application stays until the visitor shuts it", async () => {
	const one = widget();
	one.host.append(one.frame);
	one.shown = true;
	void onStopped(one, "site_disabled", () => new Promise(() => {}));
	expect(one.host.isConnected).toBe(true);
	one.shown = false;
	one.button.click();
	expect(one.host.isConnected).toBe(false);
});
