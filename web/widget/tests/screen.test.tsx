// @vitest-environment happy-dom
import { translator } from "@palique/ui/i18n";
import { LinkedText } from "@palique/ui/LinkedText";
import { render } from "preact";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { ChatStore } from "../src/app/ChatStore";
import { launcherLook } from "../src/app/launcherLook";
import { NoticeStore } from "../src/app/NoticeStore";
import { makeNoticeStorage } from "../src/app/noticeStorage";
import { Panel } from "../src/app/Panel";
import { en } from "../src/texts/en";
import { es } from "../src/texts/es";

const HOSTILE = `<img src=x onerror="alert(1)"> <script>alert(2)</script> javascript:alert(3)`;
const t = Object.assign(translator("en", en), { texts: "en" as const });

import { SITE } from "./site";

let store: ChatStore;
const notices = new NoticeStore(makeNoticeStorage(window), { play() {} }, () => {});

beforeEach(() => {
	render(null, document.body);
	sessionStorage.clear();
	const host = { frame() {}, command() {} };
	store = new ChatStore(
		() => host,
		{ save: () => true, all: () => [] },
		() => {},
	);
	store.onHostState({ site: { ...SITE, name: HOSTILE }, link: "up", kept: [], open: true, focus: false });
});

function draw(): void {
	render(<Panel store={store} notices={notices} open={true} t={t} />, document.body);
}

test("texts and names are rendered as text, never as markup (I-22)", () => {
	const me = { kind: "visitor", id: "v", name: HOSTILE };
	const agent = { kind: "agent", id: "a", name: HOSTILE };
	const entry = {
		type: "entry",
		conversation: "c",
		epoch: 1,
		kind: "message",
		text: HOSTILE,
		at: "2026-03-01T12:00:00.000Z",
	};
	store.onFrame(JSON.stringify({ type: "welcome", me, heartbeat_ms: 1, conversations: [] }));
	store.onFrame(JSON.stringify({ ...entry, seq: 1, author: me }));
	store.onFrame(JSON.stringify({ ...entry, seq: 2, author: agent }));
	store.onFrame(JSON.stringify({ ...entry, seq: 3, kind: "assigned", agent }));
	draw();
	expect(document.body.querySelectorAll("script, a, p img, h1 img")).toHaveLength(0);
	// The only image is the agent's photo, from the gateway.
	const pictures = [...document.querySelectorAll("img")].map((picture) => picture.getAttribute("src"));
	expect(new Set(pictures)).toEqual(new Set(["../../api/v1/photos/a"]));
	expect([...document.querySelectorAll(".bubble")].map((bubble) => bubble.textContent)).toEqual([
		HOSTILE,
		HOSTILE,
	]);
});

test("only web addresses become links", () => {
	render(
		<LinkedText text="See https://example.org/a?b=1. Not javascript:alert(1) nor ftp://x.example" />,
		document.body,
	);
	const links = [...document.querySelectorAll("a")];
	expect(links.map((link) => [link.href, link.rel])).toEqual([
		["https://example.org/a?b=1", "noopener noreferrer nofollow"],
	]);
});

describe("the screen shows the state", () => {
	test("online, offline, and the position in the queue follow the site (W-04)", () => {
		const lastSent = () => document.querySelector("header [role=status]")?.textContent;
		store.onFrame('{"type":"site","online":true,"queue_position":null}');
		draw();
		expect(lastSent()).toBe(en.online);
		store.onFrame('{"type":"site","online":false,"queue_position":null}');
		draw();
		expect(lastSent()).toBe(en.offline);
		store.onFrame('{"type":"site","online":true,"queue_position":3}');
		store.onFrame(
			'{"type":"entry","conversation":"c","epoch":1,"seq":1,"kind":"opened","at":"2026-03-01T12:00:00.000Z"}',
		);
		draw();
		expect(lastSent()).toBe("Number 3 in the queue");
	});

	test("a connection that another tab replaced can be resumed", () => {
		store.onHostState({ site: SITE, link: 4409, kept: [], open: true, focus: false });
		draw();
		expect(document.querySelector(".notice button")?.textContent).toBe(en.continue_here);
	});
});

test("a text of the page fills an empty message field, and never the visitor's own words", async () => {
	const field = () => document.querySelector("textarea") as HTMLTextAreaElement;
	const prefill = (text: string) =>
		store.onHostState({ site: SITE, link: "up", kept: [], open: true, focus: false, prefill: text });
	draw();
	prefill(" My order 1234\0 ");
	draw();
	await vi.waitFor(() => expect(field().value).toBe("My order 1234"));
	field().value = "My own words";
	field().dispatchEvent(new Event("input", { bubbles: true }));
	prefill("My order 5678");
	draw();
	await new Promise((done) => setTimeout(done));
	expect(field().value).toBe("My own words");
});

test("a text over the limit stays whole and cannot be sent; emoji count once", () => {
	const field = () => document.querySelector("textarea") as HTMLTextAreaElement;
	const send = () => document.querySelector(".send") as HTMLButtonElement;
	const notice = () => document.querySelector(".composer .limit")?.textContent;
	const paste = (text: string) => {
		field().value = text;
		field().dispatchEvent(new Event("input"));
		draw();
	};
	draw();
	const written = vi.spyOn(store, "write").mockReturnValue();
	for (const [text, shown] of [
		["😀".repeat(4_303), "303 characters too many. Shorten the text."],
		["a".repeat(4_001), "1 character too many. Shorten the text."],
	] as const) {
		paste(text);
		expect([field().value.length, notice(), send().disabled]).toEqual([text.length, shown, true]);
		field().dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", cancelable: true }));
		expect(written).not.toHaveBeenCalled();
	}
	paste("😀".repeat(4_000));
	expect([notice(), send().disabled]).toEqual(["0 characters left", false]);
	paste("😀".repeat(3_000));
	expect(notice()).toBe("");
	send().form?.requestSubmit();
	expect(written).toHaveBeenCalledWith("😀".repeat(3_000));
});

test("no key of a composition sends or closes, in Safari's order too", () => {
	draw();
	const field = document.querySelector("textarea") as HTMLTextAreaElement;
	const written = vi.spyOn(store, "write").mockReturnValue();
	const closed = vi.spyOn(store, "minimise").mockReturnValue();
	field.value = "退款";
	const press = (key: string, how: object) => {
		const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...how });
		// happy-dom leaves `keyCode` out.
		Object.defineProperty(event, "keyCode", { value: (how as { keyCode?: number }).keyCode ?? 0 });
		field.dispatchEvent(event);
	};
	for (const how of [{ keyCode: 229 }, { isComposing: true, keyCode: 229 }, { isComposing: true }])
		for (const key of ["Enter", "Escape"]) press(key, how);
	expect([written, closed].map((spy) => spy.mock.calls.length)).toEqual([0, 0]);
	press("Enter", {});
	press("Escape", {});
	expect([written, closed].map((spy) => spy.mock.calls.length)).toEqual([1, 1]);
});

test("the button's name has the number of unread messages", () => {
	expect(launcherLook(false, 0, t).label).toBe("Open chat");
	expect(launcherLook(false, 1, t)).toMatchObject({ label: "Open chat, 1 new message", badge: "1" });
	expect(launcherLook(false, 120, t)).toMatchObject({ label: "Open chat, 120 new messages", badge: "99+" });
	expect(launcherLook(true, 5, t)).toMatchObject({ label: "Close chat", badge: "" });
});

test("Spanish has all texts of English, with the same placeholders (W-06)", () => {
	const holes = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
	expect(Object.keys(es)).toEqual(Object.keys(en));
	for (const key of Object.keys(en) as (keyof typeof en)[]) {
		expect(es[key].trim()).not.toBe("");
		expect(holes(es[key])).toEqual(holes(en[key]));
	}
});

test("a long log is rendered in part", () => {
	const me = { kind: "visitor", id: "v", name: "Ana" };
	store.onFrame(JSON.stringify({ type: "welcome", me, heartbeat_ms: 1, conversations: [] }));
	for (let seq = 1; seq <= 400; seq++) {
		const at = new Date(Date.UTC(2026, 2, 1, 12, seq)).toISOString();
		const said = {
			type: "entry",
			conversation: "c",
			epoch: 1,
			seq,
			kind: "message",
			text: `text ${seq}`,
			at,
			author: me,
		};
		store.onFrame(JSON.stringify(said));
	}
	draw();
	const bubbles = () => [...document.querySelectorAll(".bubble")].map((bubble) => bubble.textContent);
	expect(bubbles()).toHaveLength(150);
	expect(bubbles().at(-1)).toBe("text 400");
	expect(document.querySelector(".earlier")?.textContent).toBe("Show earlier messages");
});
