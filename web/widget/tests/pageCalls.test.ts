// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { makeStorage } from "../src/loader/storage";
import type { Widget } from "../src/loader/widget";
import { pageCallsOf } from "../src/panel/pageCalls";
import { SITE } from "./site";

let widget: Widget;
let sent: object[];
let live: boolean;
let fetched: ReturnType<typeof vi.fn>;

beforeEach(() => {
	vi.useFakeTimers();
	fetched = vi.fn(async () => new Response(null, { status: 204 }));
	vi.stubGlobal("fetch", fetched);
	localStorage.clear();
	sessionStorage.clear();
	sent = [];
	live = true;
	const host = document.createElement("palique-chat");
	document.documentElement.append(host);
	const store = makeStorage("demo");
	store.setToken("secret");
	const link = {
		start: vi.fn(),
		stop: vi.fn(),
		wake() {},
		send: (raw: string) => live && !!sent.push(JSON.parse(raw)),
	};
	widget = {
		host,
		button: document.createElement("button"),
		frame: document.createElement("div"),
		link,
		gateway: "https://chat.example",
		store,
		session: { token: "secret", visitor: "v", site: SITE },
		state: "up",
		backlog: [],
		shown: false,
		show(open: boolean) {
			widget.shown = open;
			widget.tell(false);
		},
		post() {},
		tell() {},
	} as unknown as Widget;
});
afterEach(() => {
	widget.host.remove();
	vi.useRealTimers();
	vi.unstubAllGlobals();
});

const call = (name: string, ...values: unknown[]) => pageCallsOf(widget).call(name, values);
const heardSoon = () => new Promise<void>((done) => queueMicrotask(done));
/** The frame of these fields. */
const listed = (values: Record<string, string>) => ({
	type: "fields",
	fields: Object.entries(values).map(([key, value]) => ({ key, value })),
});

describe("profile", () => {
	test("only texts of name, email and phone are sent, cut, once", () => {
		call("profile", { name: "Vera", email: 3, phone: "x".repeat(1_000), bio: "no", visitor: "other" });
		expect(sent).toEqual([{ type: "profile", name: "Vera", phone: "x".repeat(254) }]);
		widget.tell(false);
		expect(sent).toHaveLength(1);
	});

	test("a text that is cut in the middle of a character ends before it", () => {
		call("profile", { name: `${"x".repeat(253)}😀` });
		expect(sent).toEqual([{ type: "profile", name: "x".repeat(253) }]);
		call("prefill", `${"x".repeat(3_999)}😀`);
		expect(pageCallsOf(widget).takePrefill()).toBe("x".repeat(3_999));
	});

	test("without a connection it waits for one", () => {
		live = false;
		widget.state = "down";
		call("profile", { name: "Vera" });
		call("profile", { email: "v@example.com" });
		expect(sent).toEqual([]);
		live = true;
		widget.state = "up";
		widget.tell(false);
		expect(sent).toEqual([{ type: "profile", name: "Vera", email: "v@example.com" }]);
	});

	test.each([[undefined], [null], ["Vera"], [{}], [[]]])("%j sends nothing", (value) => {
		call("profile", value);
		expect(sent).toEqual([]);
	});
});

describe("values of fields", () => {
	test("texts, numbers and booleans are sent as texts, and null removes", () => {
		call("fields", { plan: " Pro\n ", cart: 12.5, member: true, order: null });
		expect(sent).toEqual([listed({ plan: "Pro", cart: "12.5", member: "true", order: "" })]);
	});

	test("other keys and values are left out", () => {
		const odd = JSON.parse('{"__proto__": "own"}');
		call("fields", {
			...{ "": "x", "two words": "x", "k\n": "x", [`k${"k".repeat(40)}`]: "x", "<b>": "x" },
			...{ nested: { a: 1 }, list: ["x"], f: () => 1, none: undefined, symbol: Symbol("x") },
			"a.b-c_D9": "y",
		});
		expect(sent).toEqual([listed({ "a.b-c_D9": "y" })]);
		vi.advanceTimersByTime(1_000);
		call("fields", odd);
		expect(JSON.stringify(sent[1])).toBe('{"type":"fields","fields":[{"key":"__proto__","value":"own"}]}');
		expect(({} as { own?: unknown }).own).toBeUndefined();
	});

	test("a long text is cut and says so, also in the middle of a character", () => {
		call("fields", { long: "x".repeat(10_000), smile: `${"x".repeat(198)}😀😀` });
		expect(sent).toEqual([listed({ long: `${"x".repeat(199)}…`, smile: `${"x".repeat(198)}…` })]);
	});

	test.each([[undefined], [null], [7], [{}], [[]], [""]])("%j sends nothing", (value) => {
		call("fields", value);
		expect(sent).toEqual([]);
	});
});

describe("frames of fields", () => {
	test("calls in a row are one frame a second, with the last value of each key", () => {
		for (const cart of [1, 2, 3]) call("fields", { cart });
		call("fields", { plan: "Pro" });
		expect(sent).toEqual([listed({ cart: "1" })]);
		vi.advanceTimersByTime(1_000);
		expect(sent.slice(1)).toEqual([listed({ cart: "3", plan: "Pro" })]);
		vi.advanceTimersByTime(10_000);
		expect(sent).toHaveLength(2);
	});

	test("at most twenty wait for a connection, and a reset drops them", () => {
		live = false;
		for (let key = 0; key < 30; key++) call("fields", { [`k${key}`]: "x" });
		call("fields", { k0: "y" });
		live = true;
		widget.tell(false);
		const kept = Object.fromEntries(Array.from({ length: 20 }, (_, key) => [`k${key}`, key ? "x" : "y"]));
		expect(sent).toEqual([listed(kept)]);
		call("fields", { order: "1234" });
		call("reset");
		vi.advanceTimersByTime(10_000);
		expect(sent).toHaveLength(1);
	});
});

describe("events of open and unread", () => {
	test("the present state, then open and close, once each", async () => {
		const heard: unknown[] = [];
		call("on", "open", (open: boolean) => heard.push(open));
		widget.show(true, true);
		widget.tell(false);
		widget.show(false, true);
		await heardSoon();
		expect(heard).toEqual([false, true, false]);
	});

	test("unread messages, also for who listens late", async () => {
		const heard: unknown[] = [];
		pageCallsOf(widget).count(2);
		call("on", "unread", (count: number) => heard.push(count));
		pageCallsOf(widget).count(2);
		pageCallsOf(widget).count(0);
		await heardSoon();
		expect(heard).toEqual([2, 0]);
	});

	test("what is no function is ignored, and a listener that throws disturbs no other", async () => {
		const errors: unknown[] = [];
		const onError = (event: Event) => {
			event.preventDefault();
			errors.push(event);
		};
		addEventListener("error", onError);
		call("on", "open", "no function");
		const heard = vi.fn();
		call("on", "open", heard);
		widget.show(true, true);
		await heardSoon();
		removeEventListener("error", onError);
		expect(heard.mock.calls).toEqual([[false], [true]]);
	});
});

test("events of messages say who wrote them, never what", async () => {
	const heard: unknown[] = [];
	call("on", "message", (message: object) => heard.push(message));
	for (const frame of [
		{ type: "ack", seq: 2 },
		{ type: "entry", kind: "message", author: { kind: "agent", id: "a" }, text: "secret" },
		{ type: "entry", kind: "message", author: { kind: "visitor", id: "v" } },
		{ type: "entry", kind: "assigned", author: { kind: "agent", id: "a" } },
		{ type: "pong", heads: [] },
	])
		widget.post(JSON.stringify(frame));
	await heardSoon();
	expect(heard).toEqual([{ from: "visitor" }, { from: "agent" }]);
});

describe("show and hide", () => {
	test("a hidden widget is there only while its panel is open", () => {
		widget.host.hidden = true;
		call("on", "open", () => {});
		expect(widget.host.hidden).toBe(true);
		widget.show(true, true);
		expect(widget.host.hidden).toBe(false);
		widget.show(false, true);
		expect(widget.host.hidden).toBe(true);
		call("show");
		expect(widget.host.hidden).toBe(false);
	});

	test("hiding shuts the panel", () => {
		widget.show(true, true);
		call("hide");
		expect([widget.shown, widget.host.hidden]).toEqual([false, true]);
	});
});

describe("reset", () => {
	test("erases all that was stored of the visitor, and asks for a new session", () => {
		localStorage.setItem("palique:demo:out:x", "{}");
		localStorage.setItem("palique:demo2", "other site");
		localStorage.setItem("theirs", "1");
		widget.show(true, true);
		widget.cursors = [];
		call("reset");
		expect({ ...localStorage }).toEqual({ "palique:demo2": "other site", theirs: "1" });
		expect(sessionStorage.getItem("palique:demo")).toBeNull();
		expect([widget.shown, widget.cursors, widget.session.token]).toEqual([false, undefined, ""]);
		expect(widget.link.stop).toHaveBeenCalledBefore(vi.mocked(widget.link.start));
	});

	test("the gateway ends the token, also if the page is left now, and once", () => {
		call("reset");
		call("reset");
		expect(fetched.mock.calls).toEqual([
			[
				"https://chat.example/api/v1/visitor/session/end",
				{ method: "POST", keepalive: true, body: '{"token":"secret"}' },
			],
		]);
	});

	test("without a gateway the browser forgets all the same", async () => {
		fetched.mockRejectedValue(new TypeError("network"));
		call("reset");
		await heardSoon();
		expect([localStorage.length, widget.session.token]).toEqual([0, ""]);
	});

	test("a newer token of another tab ends", () => {
		pageCallsOf(widget);
		widget.store.setToken("newer");
		call("reset");
		expect(fetched.mock.calls[0]).toMatchObject([{}, { body: '{"token":"newer"}' }]);
	});

	test("where the site asks for consent, the next page asks again", () => {
		widget.session.site = { ...SITE, consent: true };
		call("reset");
		expect([widget.host.isConnected, vi.mocked(widget.link.start).mock.calls]).toEqual([false, []]);
	});

	test("another tab's reset counts here, too", () => {
		pageCallsOf(widget);
		window.dispatchEvent(new StorageEvent("storage", { key: "theirs", newValue: null }));
		expect(widget.link.start).not.toHaveBeenCalled();
		window.dispatchEvent(new StorageEvent("storage", { key: "palique:demo", newValue: null }));
		expect(widget.link.start).toHaveBeenCalledOnce();
	});

	test("a tab that missed it changes when its chat loads", () => {
		localStorage.setItem("palique:demo", "another visitor's");
		pageCallsOf(widget);
		expect([widget.session.token, vi.mocked(widget.link.start).mock.calls.length]).toEqual(["", 1]);
	});
});

test("a text for the message field is taken once, and cut", () => {
	call("prefill", "y".repeat(5_000));
	expect(pageCallsOf(widget).takePrefill()).toHaveLength(4_000);
	expect(pageCallsOf(widget).takePrefill()).toBeUndefined();
	call("prefill", { text: "no text" });
	expect(pageCallsOf(widget).takePrefill()).toBeUndefined();
});

test.each(["constructor", "toString", "__proto__", "nothing"])("the call %s does nothing", (name) => {
	expect(() => call(name, 1)).not.toThrow();
});
