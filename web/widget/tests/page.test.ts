// @vitest-environment happy-dom
/** The script tag as a page has it: attributes, calls from before it arrived, consent. */

import type { Palique } from "@palique/loader";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { SITE } from "./site";

const calls: unknown[] = [];
Object.assign(globalThis, { calls });
/** Stands for the gateway, in the address itself: `import()` finds the code of `panel.js` there, which records the calls. */
const PANEL =
	"export const attend = () => {}; export const call = (_, name, values) => calls.push([name, ...values]);" +
	"export const stopped = (widget) => calls.push([widget.state, widget.session.token]);";
const SCRIPT = `data:text/javascript,${encodeURIComponent(PANEL)}//widget.js`;
const page = window as unknown as { Palique?: unknown };
const palique = () => page.Palique as Palique;

function answerSession(session: object): void {
	vi.stubGlobal("fetch", async () => new Response(JSON.stringify(session)));
}

/** Runs the script as the tag with these attributes. */
async function load(attributes: Record<string, string> = {}): Promise<void> {
	const tag = document.createElement("div");
	tag.setAttribute("src", SCRIPT);
	Object.assign(tag, { src: SCRIPT });
	Object.assign(tag.dataset, { site: "demo", ...attributes });
	document.head.append(tag);
	vi.resetModules();
	await import("../src/loader/main");
	await vi.waitFor(() => expect(host()).not.toBeNull());
}

const host = () => document.querySelector("palique-chat");

beforeEach(() => {
	// The script watches the page for as long as the page lives, which is longer than the test.
	vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
	calls.length = 0;
	vi.stubGlobal(
		"WebSocket",
		class {
			close() {}
		},
	);
	answerSession({ token: "t", visitor: "v", site: SITE });
});
afterEach(() => {
	vi.useRealTimers();
	vi.unstubAllGlobals();
	document.head.replaceChildren();
	for (const element of document.querySelectorAll("palique-chat")) element.remove();
	delete page.Palique;
	localStorage.clear();
	sessionStorage.clear();
});

test("calls from before the script arrived are made in their order", async () => {
	page.Palique = [["open"], ["close"]];
	await load();
	await vi.waitFor(() => expect(sessionStorage.getItem("palique:demo")).toBe(""));
	palique().open();
	expect(sessionStorage.getItem("palique:demo")).toBe("1");
	palique().push(["close"]);
	expect(sessionStorage.getItem("palique:demo")).toBe("");
});

test("calls that few pages make reach the code that is loaded for them, in their order", async () => {
	const listener = () => {};
	page.Palique = [["profile", { name: "Vera" }], ["consent"]];
	await load();
	palique().prefill("My order");
	palique().on("unread", listener);
	await vi.waitFor(() => expect(calls).toHaveLength(4));
	expect(calls).toEqual([
		["profile", { name: "Vera" }],
		["consent"],
		["prefill", "My order"],
		["on", "unread", listener],
	]);
});

test("the stub of the documentation queues calls by name", async () => {
	page.Palique = new Proxy([] as unknown[], {
		get: (queue, name) =>
			name in queue ? Reflect.get(queue, name) : (...values: unknown[]) => queue.push([name, ...values]),
	});
	palique().open();
	await load();
	await vi.waitFor(() => expect(sessionStorage.getItem("palique:demo")).toBe("1"));
});

test("there is one global, and a second tag changes nothing", async () => {
	const before = new Set(Object.keys(window));
	await load();
	const first = palique();
	expect(Object.keys(window).filter((name) => !before.has(name))).toEqual(["Palique"]);
	expect(Object.keys(first).sort()).toEqual([
		"close",
		"consent",
		"fields",
		"hide",
		"on",
		"open",
		"prefill",
		"profile",
		"push",
		"reset",
		"show",
	]);
	await load();
	expect(palique()).toBe(first);
	expect(document.querySelectorAll("palique-chat")).toHaveLength(1);
});

test("while no session is granted the page's calls are bounded", async () => {
	vi.stubGlobal("fetch", async () => new Response('{"code":"origin_refused"}', { status: 403 }));
	const waiting: unknown[] = [];
	page.Palique = waiting;
	await load().catch(() => {});
	for (let n = 0; n < 1_000; n++) palique().open();
	expect(waiting).toHaveLength(100);
});

test.each([
	["another tab's reset ends the consent (W-08)", true, false, [[4401, null]], 1],
	["a token that ended by itself does not", false, true, [], 2],
])("%s", async (_, forgotten, consent, told, sockets) => {
	const dialled: { onclose(event: object): void }[] = [];
	vi.stubGlobal(
		"WebSocket",
		class {
			constructor() {
				dialled.push(this as never);
			}
			close() {}
		},
	);
	await load();
	const asked: object[] = [];
	vi.stubGlobal("fetch", async (_: string, { body }: { body: string }) => {
		asked.push(JSON.parse(body));
		const token = JSON.parse(body).consent ? "t2" : null;
		return new Response(JSON.stringify({ token, site: { ...SITE, consent: true } }));
	});
	if (forgotten) localStorage.clear();
	dialled[0]?.onclose({ code: 4401, reason: "" });
	await vi.waitFor(() => expect([calls, dialled.length]).toEqual([told, sockets]));
	expect(asked).toMatchObject([{ consent }]);
});

test("the attributes place the widget, and hide it", async () => {
	await load({ position: "left", offset: "24px 80px", hidden: "" });
	const css = [...(host()?.shadowRoot?.adoptedStyleSheets[0]?.cssRules ?? [])]
		.map((rule) => rule.cssText)
		.join("");
	expect(css).toMatch(/--palique-x: ?24px; ?--palique-y: ?80px/);
	expect((host() as HTMLElement).hidden).toBe(true);
});
