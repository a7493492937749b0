// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { BrowserStorage } from "../src/browserStorage";
import { ChatWindowsStore } from "../src/windows/ChatWindowsStore";
import { addMinimised, type ChatWindow, open } from "../src/windows/windowLayout";

const KEY = "palique.boxes.ana";
const SAVED = 1_000;

beforeEach(() => {
	vi.useFakeTimers();
	localStorage.clear();
	vi.stubGlobal("PerformanceNavigationTiming", class {});
});

afterEach(() => {
	vi.unstubAllGlobals();
	vi.useRealTimers();
});

function opened(): ChatWindowsStore {
	const windows = new ChatWindowsStore(new BrowserStorage(window, "localStorage"), window);
	windows.load("ana");
	return windows;
}

/** The windows in the browser's storage. */
function storedModes(): Record<string, string> {
	const { boxes } = JSON.parse(localStorage.getItem(KEY) ?? '{"boxes":{"boxes":[]}}');
	return Object.fromEntries(boxes.boxes.map(({ conversation, view }: ChatWindow) => [conversation, view]));
}

/** The text of each draft in the browser's storage. */
function stored(): Record<string, string> {
	const { drafts } = JSON.parse(localStorage.getItem(KEY) ?? '{"drafts":{}}');
	return Object.fromEntries(Object.entries<{ text: string }>(drafts).map(([id, { text }]) => [id, text]));
}

/** Another tab stores its state. */
function otherTab(drafts: Record<string, string>): void {
	const kept = Object.entries(drafts).map(([id, text]) => [id, { text, kind: "message" }]);
	const state = {
		boxes: { boxes: [], recent: [], list: false },
		drafts: Object.fromEntries(kept),
		places: {},
	};
	localStorage.setItem(KEY, JSON.stringify(state));
	window.dispatchEvent(new StorageEvent("storage", { key: KEY, newValue: localStorage.getItem(KEY) }));
}

test("what another tab stores does not replace a draft that is being written", () => {
	const windows = opened();
	windows.setDraft("chat-1", { text: "half of an answer", kind: "message" });
	otherTab({ "chat-1": "half", "chat-2": "from the other tab" });
	expect(windows.draft("chat-1").text).toBe("half of an answer");
	vi.advanceTimersByTime(SAVED);
	expect(stored()).toEqual({ "chat-1": "half of an answer", "chat-2": "from the other tab" });
	otherTab({ "chat-1": "written on in the other tab" });
	expect(windows.draft("chat-1").text).toBe("written on in the other tab");
});

test("what another tab stores does not bring back a draft that was just sent", () => {
	otherTab({ "chat-1": "an answer" });
	const windows = opened();
	windows.setDraft("chat-1", { text: "", kind: "message" });
	otherTab({ "chat-1": "an answer" });
	expect(windows.draft("chat-1").text).toBe("");
	vi.advanceTimersByTime(SAVED);
	expect(stored()).toEqual({});
});

test("a window that an agent opened stays open when another tab stores its state", () => {
	const windows = opened();
	windows.change((layout) => open(layout, "chat-1"));
	const before = windows.layout;
	otherTab({});
	expect(windows.layout).toBe(before);
	vi.advanceTimersByTime(SAVED);
	expect(Object.keys(storedModes())).toEqual(["chat-1"]);
});

test("a window that a tab adds by itself is not stored for other tabs", () => {
	const windows = opened();
	windows.adapt((layout) => addMinimised(layout, "chat-1"));
	vi.advanceTimersByTime(SAVED);
	expect(storedModes()).toEqual({});
	expect(windows.layout.boxes).toHaveLength(1);
});

test("a sign-out removes drafts that another tab stored after it", () => {
	const windows = opened();
	windows.unload();
	otherTab({ "chat-1": "half of a secret answer" });
	windows.forget("ana");
	expect(stored()).toEqual({});
});
