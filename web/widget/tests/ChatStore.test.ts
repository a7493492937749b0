// @vitest-environment happy-dom
import type { Outgoing } from "@palique/client";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { ChatStore } from "../src/app/ChatStore";
import { makeOutboxStorage } from "../src/app/outboxStorage";
import type { Command, HostState } from "../src/bridge";
import { SITE } from "./site";

const ME = { kind: "visitor", id: "v", name: "Visitor" };
const AGENT = { kind: "agent", id: "a", name: "Ada" };

let frames: { type: string; client_id?: string; conversation?: string | null; text?: string }[];
let commands: Command[];
let store: ChatStore;
/** Called for each frame that is sent. */
let sending: () => void;

beforeEach(() => {
	frames = [];
	commands = [];
	sending = () => {};
	vi.restoreAllMocks();
	const host = {
		frame(raw: string) {
			frames.push(JSON.parse(raw));
			sending();
		},
		command: (command: Command) => void commands.push(command),
	};
	localStorage.clear();
	store = new ChatStore(
		() => host,
		makeOutboxStorage(window),
		() => {},
	);
});

function surround(more: Partial<HostState> = {}): void {
	store.onHostState({ site: SITE, link: "up", kept: [], open: false, focus: false, ...more });
}

function hear(frame: object): void {
	store.onFrame(JSON.stringify(frame));
}

function welcome(...conversations: object[]): void {
	hear({ type: "welcome", me: ME, heartbeat_ms: 20_000, limits: { text: 4000 }, conversations });
}

function entry(seq: number, more: object): void {
	hear({
		type: "entry",
		conversation: "c",
		epoch: 1,
		seq,
		kind: "message",
		at: "2026-03-01T12:00:00.000Z",
		...more,
	});
}

const kept = () => commands.filter((command) => command.do === "keep");

const acknowledged = (id?: string) =>
	hear({ type: "ack", client_id: id, conversation: "c", epoch: 1, seq: 1, at: "", duplicate: false });

describe("unsent messages survive a reload (W-03)", () => {
	test("a message is stored before it is sent, and removed once the log has it", () => {
		surround();
		welcome();
		sending = () => expect(makeOutboxStorage(window).all()).toMatchObject([{ text: "hello" }]);
		store.write("hello");
		const id = frames.find((frame) => frame.type === "send")?.client_id;
		expect(kept()).toEqual([]);
		acknowledged(id);
		expect(makeOutboxStorage(window).all()).toEqual([]);
		expect(kept()).toEqual([{ do: "keep", clientId: id }]);
	});

	test("where the iframe's storage is blocked, the loader stores it", () => {
		vi.spyOn(window.localStorage, "setItem").mockImplementation(() => {
			throw new DOMException("no", "SecurityError");
		});
		surround();
		welcome();
		store.write("hello");
		const id = frames.find((frame) => frame.type === "send")?.client_id;
		expect(kept()).toMatchObject([{ clientId: id, item: { text: "hello" } }]);
		acknowledged(id);
		expect(kept().at(-1)).toEqual({ do: "keep", clientId: id });
	});
});

describe("stored messages after a reload (W-03)", () => {
	test("a stored message is sent once after a reload, also when the loader has it too", () => {
		const item = { clientId: "x", conversation: null, text: "hello", at: 1 } as Outgoing;
		makeOutboxStorage(window).save("x", item);
		surround({ kept: [item] });
		welcome();
		expect(frames).toMatchObject([{ type: "send", client_id: "x" }]);
		acknowledged("x");
		expect(store.chat.outbox.items).toEqual([]);
	});

	test("stored messages are sent again under the same client id, oldest first, one at a time", () => {
		const items = [2, 1].map((n) => ({ clientId: `id-${n}`, conversation: null, text: `text ${n}`, at: n }));
		surround({ kept: items as Outgoing[] });
		welcome();
		expect(frames).toEqual([{ type: "send", client_id: "id-1", conversation: null, text: "text 1" }]);
	});
});

test("when chat goes off, a visitor in a chat sees why, once; a shut panel without a chat goes away (S-03)", () => {
	const shown = () => commands.filter((command) => command.do === "show");
	surround();
	welcome();
	surround({ link: 4403, off: true });
	expect(shown()).toEqual([{ do: "show", open: false, focus: false }]);
	expect([store.off, store.site?.online]).toEqual([true, false]);
	surround({ off: false });
	entry(1, { kind: "opened" });
	surround({ link: 4403, off: true });
	expect(shown().at(-1)).toEqual({ do: "show", open: true, focus: false });
	surround({ link: 4403, off: true, open: true });
	surround({ link: 4403, off: true });
	expect(shown()).toHaveLength(2);
});

test("a message after the chat was closed opens a new one (I-25)", () => {
	surround();
	welcome();
	entry(1, { kind: "opened" });
	expect(store.current).toBe("c");
	entry(2, { kind: "closed" });
	store.write("one more thing");
	expect(frames.at(-1)).toMatchObject({ type: "send", conversation: null });
});

describe("an agent's message", () => {
	test("opens the panel without taking the focus, once", () => {
		surround();
		welcome();
		entry(1, { author: AGENT, text: "Can I help?" });
		expect(commands).toContainEqual({ do: "show", open: true, focus: false });
	});

	test("does not open a panel that the visitor closed", () => {
		surround({ wanted: "" });
		welcome();
		entry(1, { author: AGENT, text: "Can I help?" });
		expect(commands.filter((command) => command.do === "show")).toEqual([]);
	});
});

test("an agent's message does not open the panel of a widget that the page hides", () => {
	surround({ hidden: true });
	welcome();
	entry(1, { author: AGENT, text: "Can I help?" });
	expect(commands.filter((command) => command.do === "show")).toEqual([]);
});

test("cursors are sent to the loader after each entry, for the next hello", () => {
	surround();
	welcome();
	entry(1, { kind: "opened" });
	expect(commands.filter((command) => command.do === "cursors").at(-1)).toEqual({
		do: "cursors",
		cursors: [{ conversation: "c", epoch: 1, seq: 1 }],
	});
});

test("a lost connection, or an offline event of the browser, shows as down", () => {
	surround();
	expect(store.link).toBe("up");
	store.setNetwork(false);
	expect(store.link).toBe("down");
	store.setNetwork(true);
	surround({ link: 4409 });
	expect([store.link, store.chat.connected]).toEqual([4409, false]);
});

test("data that is no frame changes nothing", () => {
	surround();
	store.onFrame("{");
	store.onFrame('{"type":"of_the_future"}');
	expect(frames).toEqual([]);
});
