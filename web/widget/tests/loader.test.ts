// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { watchPage } from "../src/loader/pageWatcher";
import { makeSessions } from "../src/loader/session";
import { makeStorage } from "../src/loader/storage";
import { makeOutboxStorage } from "../src/panel/outboxStorage";
import { showTitleNotice } from "../src/panel/pageTitle";

beforeEach(() => {
	localStorage.clear();
	sessionStorage.clear();
	vi.useFakeTimers();
});
afterEach(() => {
	vi.restoreAllMocks();
	vi.unstubAllGlobals();
	vi.useRealTimers();
});

describe("browser storage", () => {
	const item = { clientId: "x", conversation: null, text: "hi", at: 1 } as never;

	test("the token and each unsent message have keys of this site, different from other sites' and the host's", () => {
		localStorage.setItem("host", "theirs");
		makeOutboxStorage(makeStorage("other")).save("y", item);
		const store = makeStorage("demo");
		const kept = makeOutboxStorage(store);
		store.setToken("secret");
		kept.save("x", item);
		expect([store.token(), kept.all()]).toEqual(["secret", [item]]);
		kept.save("x");
		expect(kept.all()).toEqual([]);
		expect(localStorage.getItem("palique:demo")).toBe("secret");
	});

	test("blocked storage is no error", () => {
		vi.stubGlobal("localStorage", undefined);
		Object.defineProperty(globalThis, "localStorage", {
			configurable: true,
			get: () => {
				throw new DOMException("no", "SecurityError");
			},
		});
		const store = makeStorage("demo");
		const kept = makeOutboxStorage(store);
		store.setToken("t");
		kept.save("x", item);
		expect([store.token(), kept.all()]).toEqual(["t", [item]]);
	});
});

const answer = (status: number, body: object) => new Response(JSON.stringify(body), { status });

describe("the session", () => {
	test("an earlier token is sent, and the answer's is stored", async () => {
		const fetched = vi.fn(async () => answer(200, { token: "new", site: {} }));
		vi.stubGlobal("fetch", fetched);
		const store = makeStorage("demo");
		store.setToken("old");
		expect(await makeSessions("https://chat.example", "demo", store)()).toEqual({ token: "new", site: {} });
		expect(fetched.mock.calls[0]).toMatchObject([
			"https://chat.example/api/v1/visitor/session",
			{ body: '{"site":"demo","token":"old"}' },
		]);
		expect(store.token()).toBe("new");
	});

	test("a site that requires consent gives no token, and nothing is stored before consent (W-08)", async () => {
		const fetched = vi.fn(async () => answer(200, { token: null, site: { consent: true } }));
		vi.stubGlobal("fetch", fetched);
		await makeSessions("https://chat.example", "demo", makeStorage("demo"))();
		expect(localStorage.length).toBe(0);
		await makeSessions("https://chat.example", "demo", makeStorage("demo"))(true);
		expect(fetched.mock.calls[1]).toMatchObject([{}, { body: '{"site":"demo","consent":true}' }]);
	});

	test("the request needs no permission of its own: one a page", async () => {
		const fetched = vi.fn(async (_: string, __: RequestInit) => answer(200, { token: "t", site: {} }));
		vi.stubGlobal("fetch", fetched);
		await makeSessions("https://chat.example", "demo", makeStorage("demo"))();
		const request = new Request("https://chat.example", fetched.mock.calls[0]?.[1]);
		expect(request.headers.get("content-type") ?? "text/plain").toContain("text/plain");
	});

	test("a refused page gets no session", async () => {
		vi.stubGlobal("fetch", async () => answer(403, { code: "origin_refused" }));
		expect(await makeSessions("https://chat.example", "demo", makeStorage("demo"))()).toBeUndefined();
	});
});

describe("a page without a session", () => {
	test("while chat is off a page asks again, for hours, at the times that the gateway names (S-03)", async () => {
		let on = false;
		const fetched = vi.fn(async () =>
			on ? answer(200, { token: "t", site: {} }) : answer(403, { code: "site_disabled", retry_after_s: 15 }),
		);
		vi.stubGlobal("fetch", fetched);
		const opening = makeSessions("https://chat.example", "demo", makeStorage("demo"))();
		await vi.advanceTimersByTimeAsync(3_600_000);
		expect(fetched.mock.calls.length).toBeGreaterThan(200);
		expect(fetched.mock.calls.length).toBeLessThan(242);
		on = true;
		await vi.advanceTimersByTimeAsync(16_000);
		expect(await opening).toMatchObject({ token: "t" });
	});

	test("an unreachable or overloaded gateway is asked again, after the time that it names", async () => {
		const answers = [
			() => Promise.reject(new TypeError("network")),
			async () => answer(503, {}),
			async () => answer(429, { retry_after_s: 20 }),
			async () => answer(200, { token: "t", site: {} }),
		];
		const fetched = vi.fn(() => answers.shift()?.());
		vi.stubGlobal("fetch", fetched);
		const opening = makeSessions("https://chat.example", "demo", makeStorage("demo"))();
		await vi.advanceTimersByTimeAsync(10_000);
		expect(fetched).toHaveBeenCalledTimes(3);
		await vi.advanceTimersByTimeAsync(20_000);
		expect(await opening).toMatchObject({ token: "t" });
	});

	test("gives up after about two minutes", async () => {
		vi.stubGlobal("fetch", () => Promise.reject(new TypeError("network")));
		const opening = makeSessions("https://chat.example", "demo", makeStorage("demo"))();
		await vi.advanceTimersByTimeAsync(130_000);
		expect(await opening).toBeUndefined();
	});
});

test("navigations and titles are reported within half a second, and nothing without a change (S-15)", () => {
	document.title = "Shop";
	vi.spyOn(document, "hasFocus").mockReturnValue(true);
	const lastSent: object[] = [];
	const page = watchPage(() => lastSent.push(page()));
	const first = page().url;
	vi.advanceTimersByTime(5_000);
	expect(lastSent).toEqual([]);
	history.pushState(null, "", `${first}#bowl`);
	document.title = "Bowl";
	vi.advanceTimersByTime(500);
	expect(lastSent).toEqual([{ url: `${first}#bowl`, title: "Bowl", referrer: first, front: true }]);
	expect(page()).toEqual(lastSent[0]);
});

test("coming to the front is reported, leaving it is not", () => {
	document.title = "Shop";
	const focus = vi.spyOn(document, "hasFocus").mockReturnValue(true);
	const fronts: unknown[] = [];
	const page = watchPage(() => fronts.push(page().front));
	focus.mockReturnValue(false);
	vi.advanceTimersByTime(1_000);
	expect([fronts, page().front]).toEqual([[], false]);
	document.title = "Shop (1)";
	vi.advanceTimersByTime(500);
	focus.mockReturnValue(true);
	vi.advanceTimersByTime(5_000);
	expect(fronts).toEqual([false, true]);
});

test("a notice stands before the page's title, comes off again, and is not reported", () => {
	document.title = "Shop · Tea";
	const titles: unknown[] = [];
	const page = watchPage(() => titles.push(page().title));
	showTitleNotice("1 new message");
	showTitleNotice("2 new messages");
	expect(document.title.replace(/\W*$/, "")).toMatch(/^2 new messages · .Shop · Tea$/);
	vi.advanceTimersByTime(1_000);
	showTitleNotice("");
	vi.advanceTimersByTime(1_000);
	expect([document.title, titles]).toEqual(["Shop · Tea", []]);
	// The page sets a title while the notice stands.
	showTitleNotice("1 new message");
	document.title = "Cart";
	showTitleNotice("");
	vi.advanceTimersByTime(1_000);
	expect([document.title, titles]).toEqual(["Cart", ["Cart"]]);
});
